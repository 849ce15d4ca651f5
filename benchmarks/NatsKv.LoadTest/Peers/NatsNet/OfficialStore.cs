using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.KeyValueStore;

namespace NatsKv.LoadTest.Peers.NatsNet;

/// <summary>A bucket as the official client sees it, with a connection of its own and that client's defaults.</summary>
internal static class OfficialStore
{
    public static INatsKVStore Open(string url, string bucket)
    {
        var connection = new NatsConnection(new NatsOpts { Url = url });
        return new NatsKVContext(new NatsJSContext(connection)).GetStoreAsync(bucket).AsTask().GetAwaiter().GetResult();
    }

    public static void Close(INatsKVStore? store) => store?.JetStreamContext.Connection.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
