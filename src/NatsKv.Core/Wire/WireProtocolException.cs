using System.Text;

namespace NatsKv.Wire;

/// <summary>The server broke the rules of the protocol; the connection can't go on.</summary>
internal sealed class WireProtocolException(string message) : Exception(message)
{
    private const int ShownBytes = 40;

    public static WireProtocolException Unexpected(ReadOnlySpan<byte> line)
    {
        var shown = new StringBuilder();
        foreach (byte value in line[..Math.Min(line.Length, ShownBytes)])
        {
            shown.Append(value is >= 0x20 and < 0x7f ? (char)value : '?');
        }

        return new WireProtocolException($"The server sent something that is no NATS protocol: '{shown}'.");
    }
}
