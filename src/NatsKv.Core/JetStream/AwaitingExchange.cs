using NatsKv.Transport;

namespace NatsKv.JetStream;

/// <summary>Waits by awaiting.</summary>
internal sealed class AwaitingExchange(INatsTransport transport, TimeProvider time) : IExchange
{
    public NatsKvServerInfo? Server => transport.Server;

    public ValueTask<NatsMessage> RequestAsync(NatsOutgoingMessage message, CancellationToken cancellationToken) =>
        transport.RequestAsync(message, cancellationToken);

    public ValueTask PauseAsync(TimeSpan pause, CancellationToken cancellationToken) => new(Task.Delay(pause, time, cancellationToken));
}
