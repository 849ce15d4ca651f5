using System.Buffers.Text;
using NatsKv.JetStream;
using NatsKv.Wire;

namespace NatsKv.Buckets;

/// <summary>What a stored message tells of the write that made it: servers keep the headers of a write.</summary>
internal static class WriteTrace
{
    private const int MostProbeBytes = 192;

    /// <summary>Whether it was this write.</summary>
    public static bool IsOf(StoredMessage message, in PreparedWrite write) =>
        HeaderDecoder.TryGetLast(message.Headers, "Nats-Msg-Id"u8, out ReadOnlySpan<byte> id) && MessageId.IsOf(write.MessageNumber, id);

    /// <summary>The revision that the write expected; <see langword="null"/> if it was unconditional.</summary>
    public static ulong? ExpectedBy(StoredMessage message) =>
        HeaderDecoder.TryGetLast(message.Headers, "Nats-Expected-Last-Subject-Sequence"u8, out ReadOnlySpan<byte> text)
        && Utf8Parser.TryParse(text, out ulong revision, out int length) && length == text.Length
            ? revision
            : null;

    /// <summary>
    /// The headers of a message that asks a stream on a single server whether it knows the id of a write. One that does answers with the
    /// write's sequence. One that doesn't looks for the last id next, which no message has, and refuses: nothing is ever stored.
    /// </summary>
    public static ReadOnlyMemory<byte> ProbeFor(in PreparedWrite write)
    {
        byte[] block = new byte[MostProbeBytes];
        var encoder = new HeaderEncoder(block);
        encoder.Add("Nats-Msg-Id"u8, MessageId.Prefix, write.MessageNumber);
        encoder.Add("Nats-Expected-Last-Msg-Id"u8, MessageId.Prefix, 0);
        return block.AsMemory(0, encoder.Complete());
    }
}
