using NatsKv.Transport;
using NatsKv.Watching;

namespace NatsKv.Connection;

/// <summary>A transport that closes when the last of its holders lets go.</summary>
internal sealed class SharedTransport(INatsTransport transport, TimeProvider time)
{
    private int _holders = 1;

    public INatsTransport Transport { get; } = transport;

    /// <summary>What the watches over it share.</summary>
    public WatchGate Gate { get; } = new(time);

    /// <summary>Counts one more holder; a holder must exist.</summary>
    public SharedTransport AddHolder()
    {
        int holders;
        do
        {
            holders = Volatile.Read(ref _holders);
            ObjectDisposedException.ThrowIf(holders == 0, typeof(NatsKvClient));
        }
        while (Interlocked.CompareExchange(ref _holders, holders + 1, holders) != holders);
        return this;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            Gate.DeleteConsumers();
            Transport.Dispose();
        }
    }

    public ValueTask ReleaseAsync()
    {
        if (Interlocked.Decrement(ref _holders) != 0)
        {
            return default;
        }

        Gate.DeleteConsumers();
        return Transport.DisposeAsync();
    }
}
