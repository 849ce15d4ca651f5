using System.Text;

namespace NatsKv.Caching.Tests.Keys;

/// <summary>The encoding read backwards, straight from its description in docs/caching.md.</summary>
internal static class ReferenceKeyDecoder
{
    public static string Decode(string key, string? original)
    {
        if (key.StartsWith("=h.", StringComparison.Ordinal))
        {
            byte[] utf16 = Convert.FromBase64String(original!);
            return string.Create(utf16.Length / 2, utf16, static (span, bytes) =>
            {
                for (int i = 0; i < span.Length; i++)
                {
                    span[i] = (char)(bytes[2 * i] | (bytes[(2 * i) + 1] << 8));
                }
            });
        }

        return string.Join(':', key.Split('.').Select(DecodeSegment));
    }

    private static string DecodeSegment(string segment)
    {
        if (segment == "=_")
        {
            return "";
        }

        var bytes = new List<byte>();
        for (int i = 0; i < segment.Length; i++)
        {
            if (segment[i] == '=')
            {
                bytes.Add(Convert.ToByte(segment.Substring(i + 1, 2), 16));
                i += 2;
            }
            else
            {
                bytes.Add((byte)segment[i]);
            }
        }

        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. bytes]);
    }
}
