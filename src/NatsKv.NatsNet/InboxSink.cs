using System.Buffers;

namespace NatsKv.NatsNet;

/// <summary>Puts what a subscription brings into an inbox.</summary>
internal sealed class InboxSink(ConnectionEpoch epoch, MessageInbox inbox) : IMessageSink
{
    public void Receive(string subject, string? replyTo, in ReadOnlySequence<byte> headers, in ReadOnlySequence<byte> payload)
    {
        epoch.ObserveMessage();
        inbox.Receive(subject, replyTo, headers, payload);
    }

    public void End() => inbox.End();
}
