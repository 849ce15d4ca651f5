using System.Text;

namespace NatsKv.Configuration.Mapping;

/// <summary>
/// A bucket's value as a setting: UTF-8 text, taken as it is. A byte order mark at the start is how some editors write a file, so it goes;
/// bytes that are no text are refused, because replacement characters would be a value that nobody has written.
/// </summary>
internal static class ValueCodec
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    public static bool TryDecode(ReadOnlySpan<byte> value, out string text)
    {
        if (value.StartsWith(ByteOrderMark))
        {
            value = value[ByteOrderMark.Length..];
        }

        if (!System.Text.Unicode.Utf8.IsValid(value))
        {
            text = "";
            return false;
        }

        text = Strict.GetString(value);
        return true;
    }
}
