using System.Buffers;
using NATS.Client.Core;

namespace NatsKv.NatsNet;

/// <summary>
/// A subscription that gets messages as they stand on the wire. The client's usual one would decode the headers into strings, and queue by
/// number of messages instead of bytes. The client subscribes anew after a reconnect.
/// </summary>
internal sealed class RawSubscription(INatsConnection connection, string subject, IMessageSink sink)
    : NatsSubBase(connection, connection.SubscriptionManager, subject, queueGroup: null, opts: null)
{
    /// <summary>Ends the subscription without waiting for it. What goes wrong then has no consequence.</summary>
    public void Abandon()
    {
        _ = AbandonAsync();

        async Task AbandonAsync() => await DisposeAsync().AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    protected override ValueTask ReceiveInternalAsync(
        string subject, string? replyTo, ReadOnlySequence<byte>? headersBuffer, ReadOnlySequence<byte> payloadBuffer)
    {
        sink.Receive(subject, replyTo, headersBuffer ?? default, payloadBuffer);
        return default;
    }

    protected override void TryComplete() => sink.End();
}
