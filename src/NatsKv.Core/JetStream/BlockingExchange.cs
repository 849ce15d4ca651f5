using NatsKv.Transport;

namespace NatsKv.JetStream;

/// <summary>Waits by blocking the calling thread; what it returns is always complete.</summary>
internal sealed class BlockingExchange(INatsTransport transport) : IExchange
{
    public NatsKvServerInfo? Server => transport.Server;

    public ValueTask<NatsMessage> RequestAsync(NatsOutgoingMessage message, CallDeadline deadline) =>
        new(transport.Request(deadline.Limit(message), deadline.Token));

    public ValueTask PauseAsync(TimeSpan pause, CallDeadline deadline)
    {
        // A pause by a TimeProvider's timer would end on a pool thread, of which there may be none.
        deadline.Token.WaitHandle.WaitOne(deadline.Limit(pause));
        deadline.Token.ThrowIfCancellationRequested();
        return default;
    }

    /// <summary>The result of an operation over this exchange.</summary>
    public static T ResultOf<T>(ValueTask<T> operation) => operation.IsCompleted
        ? operation.GetAwaiter().GetResult()
        : throw new InvalidOperationException("An operation over the blocking exchange awaited something else.");
}
