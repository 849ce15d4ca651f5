using System.Buffers.Text;

namespace NatsKv.Wire;

/// <summary>Reads a header block: <c>NATS/1.0[ status[ text]]\r\n</c>, then <c>Name: value\r\n</c> lines, then an empty line (ADR-4).</summary>
internal static class HeaderDecoder
{
    private static ReadOnlySpan<byte> Version => "NATS/1.0"u8;

    /// <summary>The status of the first line; 0 if it has none or there is no block.</summary>
    public static int Status(ReadOnlySpan<byte> block)
    {
        if (block.Length < Version.Length + 4 || !block.StartsWith(Version) || block[Version.Length] != (byte)' ')
        {
            return 0;
        }

        return Utf8Parser.TryParse(block[(Version.Length + 1)..], out int status, out int length) && length == 3 ? status : 0;
    }

    /// <summary>The text behind the status, for messages.</summary>
    public static ReadOnlySpan<byte> StatusText(ReadOnlySpan<byte> block)
    {
        if (Status(block) == 0)
        {
            return default;
        }

        ReadOnlySpan<byte> rest = block[(Version.Length + 4)..];
        int end = rest.IndexOf((byte)'\r');
        return (end < 0 ? rest : rest[..end]).Trim((byte)' ');
    }

    /// <summary>Finds the last header of that name.</summary>
    public static bool TryGetLast(ReadOnlySpan<byte> block, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        bool found = false;
        value = default;
        foreach (NatsKvHeaderLine line in new NatsKvHeaderBlock(block))
        {
            if (line.Name.SequenceEqual(name))
            {
                value = line.Value;
                found = true;
            }
        }

        return found;
    }
}
