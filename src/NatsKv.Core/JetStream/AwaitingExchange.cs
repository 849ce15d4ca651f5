using NatsKv.Transport;

namespace NatsKv.JetStream;

/// <summary>Waits by awaiting.</summary>
internal sealed class AwaitingExchange(INatsTransport transport, TimeProvider time) : IExchange
{
    public NatsKvServerInfo? Server => transport.Server;

    public ValueTask<NatsMessage> RequestAsync(NatsOutgoingMessage message, CallDeadline deadline) =>
        transport.RequestAsync(deadline.Limit(message), deadline.Token);

    public ValueTask PauseAsync(TimeSpan pause, CallDeadline deadline) => new(Task.Delay(deadline.Limit(pause), time, deadline.Token));
}
