using NatsKv.Transport;

namespace NatsKv.TransportContract;

/// <summary>A transport, and what it stands on if that isn't its own.</summary>
public sealed class TransportUnderTest(INatsTransport transport, IAsyncDisposable? foundation = null) : IAsyncDisposable
{
    public INatsTransport Transport { get; } = transport;

    /// <summary>Connects, however long it takes: on a busy machine that is longer than a hasty transport waits.</summary>
    public Task ConnectAsync() => TestKit.Eventually.TrueAsync(
        async () =>
        {
            await Transport.FlushAsync(TestContext.Current.CancellationToken);
            return true;
        },
        "a connection",
        ct: TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Transport.DisposeAsync();
        await (foundation?.DisposeAsync() ?? default);
    }
}
