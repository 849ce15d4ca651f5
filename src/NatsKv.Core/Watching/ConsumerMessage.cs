using System.Buffers.Text;
using NatsKv.Transport;
using NatsKv.Wire;

namespace NatsKv.Watching;

/// <summary>Tells apart what comes on a consumer's inbox: entries, heartbeats and flow control (ADR-15).</summary>
internal static class ConsumerMessage
{
    private const int ControlStatus = 100;

    public static bool IsControl(in NatsMessage message) => HeaderDecoder.Status(message.Headers.Bytes) == ControlStatus;

    /// <summary>The server asks for this answer once everything before it has been taken in, or sends nothing more.</summary>
    public static bool IsFlowControl(in NatsMessage message) => !message.ReplyTo.IsEmpty;

    /// <summary>The subject that a stalled consumer waits for an answer on.</summary>
    public static bool TryGetStalled(in NatsMessage message, out ReadOnlySpan<byte> subject) =>
        message.Headers.TryGet("Nats-Consumer-Stalled"u8, out subject);

    public static ulong Number(in NatsMessage message, ReadOnlySpan<byte> header) =>
        message.Headers.TryGet(header, out ReadOnlySpan<byte> text) && Utf8Parser.TryParse(text, out ulong number, out _) ? number : 0;
}
