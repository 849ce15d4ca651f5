using System.Text;
using NatsKv.Wire;

namespace NatsKv.Tests.Wire;

/// <summary>A frame's parts as text (Latin 1, so that every byte counts), to be compared and kept.</summary>
internal sealed record ParsedFrame(FrameKind Kind, string Subject, string ReplyTo, long SubscriptionId, string Headers, string Payload)
{
    public static ParsedFrame From(in Frame frame) => new(
        frame.Kind, Text(frame.Subject), Text(frame.ReplyTo), frame.SubscriptionId, Text(frame.Headers), Text(frame.Payload));

    public static ParsedFrame Message(string subject, long subscriptionId, string payload, string replyTo = "", string headers = "") =>
        new(FrameKind.Message, subject, replyTo, subscriptionId, headers, payload);

    public static ParsedFrame Control(FrameKind kind, string payload = "") => new(kind, "", "", 0, "", payload);

    /// <summary>The whole frames at the front of a buffer.</summary>
    public static List<ParsedFrame> ParseAll(ReadOnlySpan<byte> buffer)
    {
        var frames = new List<ParsedFrame>();
        while (FrameParser.TryParse(buffer, out Frame frame, out int length))
        {
            frames.Add(From(frame));
            buffer = buffer[length..];
        }

        return frames;
    }

    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
