using System.Buffers.Text;
using System.Globalization;
using System.Text;
using NatsKv.Caching.Expiry;

namespace NatsKv.Caching.Entries;

/// <summary>The text of the header <c>Kvc</c>: a version, then fields. A wire contract: what one release writes, all later ones read.</summary>
internal static class EntryHeaderCodec
{
    /// <summary>The header's name.</summary>
    public const string Name = "Kvc";

    private const string Version = "1";

    // Five fields with the longest number each.
    private const int MaxLength = 1 + (5 * 23);

    // The last moment that DateTimeOffset knows.
    private static readonly long LastUnixTime = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>The header's name as it stands on the wire.</summary>
    public static ReadOnlySpan<byte> Utf8Name => "Kvc"u8;

    /// <summary>Writes the header's value.</summary>
    /// <param name="header">What to write.</param>
    /// <returns>The text.</returns>
    public static string Format(in EntryHeader header)
    {
        EntryExpiry expiry = header.Expiry;
        if (expiry == default && header.Generation == 0 && header.Extra.Length == 0)
        {
            return Version;
        }

        Span<char> text = stackalloc char[MaxLength];
        Version.CopyTo(text);
        int length = Version.Length;
        Append(text, ref length, 'x', (ulong)expiry.Absolute);
        Append(text, ref length, 's', (ulong)expiry.Sliding);
        Append(text, ref length, 'q', (ulong)expiry.Slack);
        Append(text, ref length, 't', (ulong)expiry.Origin);
        Append(text, ref length, 'g', header.Generation);
        return string.Concat(text[..length], header.Extra);
    }

    /// <summary>Reads the header's value.</summary>
    /// <param name="value">The text.</param>
    /// <param name="header">What it says.</param>
    /// <returns>
    /// <see langword="false"/> for a version that this code doesn't know, or a text that no version writes: such an entry is not for us.
    /// </returns>
    public static bool TryParse(ReadOnlySpan<byte> value, out EntryHeader header)
    {
        header = default;
        int end = value.IndexOf((byte)';');
        if (!(end < 0 ? value : value[..end]).SequenceEqual("1"u8))
        {
            return false;
        }

        long absolute = 0, sliding = 0, slack = 0, origin = 0;
        ulong generation = 0;
        string extra = "";
        while (end >= 0)
        {
            value = value[(end + 1)..];
            end = value.IndexOf((byte)';');
            ReadOnlySpan<byte> field = end < 0 ? value : value[..end];
            bool isRead = Key(field) switch
            {
                (byte)'x' => TryWindow(field, out absolute),
                (byte)'s' => TryWindow(field, out sliding),
                (byte)'q' => TryWindow(field, out slack),
                (byte)'t' => TryNumber(field, out origin) && origin <= LastUnixTime,
                (byte)'g' => TryNumber(field, out generation),
                _ => TryKeep(field, ref extra),
            };
            if (!isRead)
            {
                return false;
            }
        }

        header = new EntryHeader(new EntryExpiry(absolute, sliding, slack, origin), generation, extra);
        return true;
    }

    private static void Append(Span<char> text, ref int length, char key, ulong number)
    {
        if (number != 0)
        {
            text[length..].TryWrite(CultureInfo.InvariantCulture, $";{key}={number}", out int written);
            length += written;
        }
    }

    private static byte Key(ReadOnlySpan<byte> field) => field.Length > 2 && field[1] == (byte)'=' ? field[0] : (byte)0;

    private static bool TryWindow(ReadOnlySpan<byte> field, out long milliseconds) =>
        TryNumber(field, out milliseconds) && milliseconds <= EntryExpiry.Longest;

    private static bool TryNumber(ReadOnlySpan<byte> field, out long number) =>
        Utf8Parser.TryParse(field[2..], out number, out int length) && length == field.Length - 2 && number >= 0;

    private static bool TryNumber(ReadOnlySpan<byte> field, out ulong number) =>
        Utf8Parser.TryParse(field[2..], out number, out int length) && length == field.Length - 2;

    private static bool TryKeep(ReadOnlySpan<byte> field, ref string extra)
    {
        extra = $"{extra};{Encoding.Latin1.GetString(field)}";
        return true;
    }
}
