using NatsKv.Transport;

namespace NatsKv.JetStream;

/// <summary>Waits by blocking the calling thread; what it returns is always complete.</summary>
internal sealed class BlockingExchange(INatsTransport transport) : IExchange
{
    public NatsKvServerInfo? Server => transport.Server;

    public ValueTask<NatsMessage> RequestAsync(NatsOutgoingMessage message, CancellationToken cancellationToken) =>
        new(transport.Request(message, cancellationToken));

    public ValueTask PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        // A pause by a TimeProvider's timer would end on a pool thread, of which there may be none.
        cancellationToken.WaitHandle.WaitOne(pause);
        cancellationToken.ThrowIfCancellationRequested();
        return default;
    }

    /// <summary>The result of an operation over this exchange.</summary>
    public static T ResultOf<T>(ValueTask<T> operation) => operation.IsCompleted
        ? operation.GetAwaiter().GetResult()
        : throw new InvalidOperationException("An operation over the blocking exchange awaited something else.");
}
