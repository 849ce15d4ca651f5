using NatsKv.Transport;

namespace NatsKv.TransportContract;

/// <summary>A transport, and what it stands on if that isn't its own.</summary>
public sealed class TransportUnderTest(INatsTransport transport, IAsyncDisposable? foundation = null) : IAsyncDisposable
{
    public INatsTransport Transport { get; } = transport;

    public async ValueTask DisposeAsync()
    {
        await Transport.DisposeAsync();
        await (foundation?.DisposeAsync() ?? default);
    }
}
