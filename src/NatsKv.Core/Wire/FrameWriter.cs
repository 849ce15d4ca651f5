using System.Buffers;
using System.Buffers.Text;
using System.Text;
using NatsKv.Transport;

namespace NatsKv.Wire;

/// <summary>Writes the frames that a client sends. What it is given has been validated: it writes subjects as they are.</summary>
internal static class FrameWriter
{
    // "HPUB " + two spaces + two sizes of up to 10 digits + three more separators and line ends, rounded up.
    private const int ControlOverhead = 48;

    public static ReadOnlySpan<byte> Ping => "PING\r\n"u8;

    public static ReadOnlySpan<byte> Pong => "PONG\r\n"u8;

    /// <summary>Writes a PUB or HPUB frame.</summary>
    /// <param name="output">Receives the frame.</param>
    /// <param name="message">The message.</param>
    /// <param name="replyPrefix">The first part of the reply subject; empty for none.</param>
    /// <param name="replyToken">The second part of the reply subject.</param>
    public static void WritePublish(IBufferWriter<byte> output, in NatsOutgoingMessage message, ReadOnlySpan<byte> replyPrefix, ReadOnlySpan<byte> replyToken)
    {
        int payloadLength = checked((int)message.Payload.Length);
        int headersLength = message.Headers.Length;
        int subjectRoom = Encoding.UTF8.GetMaxByteCount(message.Subject.Length);
        Span<byte> span = output.GetSpan(ControlOverhead + subjectRoom + replyPrefix.Length + replyToken.Length + headersLength + payloadLength);
        int at = Append(span, 0, headersLength > 0 ? "HPUB "u8 : "PUB "u8);
        at += Encoding.UTF8.GetBytes(message.Subject.Prefix, span[at..]);
        at += Encoding.UTF8.GetBytes(message.Subject.Suffix, span[at..]);
        span[at++] = (byte)' ';
        if (!replyPrefix.IsEmpty)
        {
            at = Append(span, at, replyPrefix);
            at = Append(span, at, replyToken);
            span[at++] = (byte)' ';
        }

        if (headersLength > 0)
        {
            at = AppendNumber(span, at, headersLength);
            span[at++] = (byte)' ';
        }

        at = AppendNumber(span, at, headersLength + payloadLength);
        at = Append(span, at, "\r\n"u8);
        at = Append(span, at, message.Headers.Span);
        message.Payload.CopyTo(span[at..]);
        at = Append(span, at + payloadLength, "\r\n"u8);
        output.Advance(at);
    }

    /// <summary>Writes a SUB frame.</summary>
    public static void WriteSubscribe(IBufferWriter<byte> output, string subject, long subscriptionId) =>
        WriteAscii(output, $"SUB {subject} {subscriptionId}\r\n");

    /// <summary>Writes an UNSUB frame.</summary>
    public static void WriteUnsubscribe(IBufferWriter<byte> output, long subscriptionId) =>
        WriteAscii(output, $"UNSUB {subscriptionId}\r\n");

    private static void WriteAscii(IBufferWriter<byte> output, string line)
    {
        int written = Encoding.UTF8.GetBytes(line, output.GetSpan(Encoding.UTF8.GetMaxByteCount(line.Length)));
        output.Advance(written);
    }

    private static int Append(Span<byte> span, int at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(span[at..]);
        return at + bytes.Length;
    }

    private static int AppendNumber(Span<byte> span, int at, int number)
    {
        Utf8Formatter.TryFormat(number, span[at..], out int written);
        return at + written;
    }
}
