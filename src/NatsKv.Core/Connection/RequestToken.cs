using System.Buffers.Text;

namespace NatsKv.Connection;

/// <summary>
/// The last token of a reply subject: a slot of the request table and the slot's generation, so that a late reply can't reach the request
/// that has the slot now.
/// </summary>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
internal readonly record struct RequestToken(int Slot, uint Generation)
{
    /// <summary>Length of the text form.</summary>
    public const int Length = 16;

    /// <summary>Writes the text form, 16 lower-case hexadecimal digits.</summary>
    public void Format(Span<byte> text)
    {
        ulong value = ((ulong)(uint)Slot << 32) | Generation;
        Utf8Formatter.TryFormat(value, text, out _, new System.Buffers.StandardFormat('x', Length));
    }

    /// <summary>Reads the text form.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out RequestToken token)
    {
        if (text.Length == Length && Utf8Parser.TryParse(text, out ulong value, out int consumed, 'x') && consumed == Length)
        {
            token = new RequestToken((int)(value >> 32), (uint)value);
            return true;
        }

        token = default;
        return false;
    }
}
