using NATS.Client.KeyValueStore;
using NatsKv.LoadTest.Reporting;
using NatsKv.LoadTest.Rows;

namespace NatsKv.LoadTest.Peers.NatsNet;

/// <summary>Reads a whole bucket through a watch of the official client's Key/Value API.</summary>
internal sealed class NatsNetHydrateRow(HydrateRow counterpart)
    : HydrationRow(counterpart.Name + "-natsnet-kv", counterpart.Keys, counterpart.IsQuick), IPeerRow
{
    private INatsKVStore? _store;

    public IRow Counterpart => counterpart;

    public override RowResult Measure(RowContext context)
    {
        try
        {
            return base.Measure(context);
        }
        finally
        {
            OfficialStore.Close(_store);
        }
    }

    protected override long Hydrate(RowContext context, INatsKvBucket bucket)
    {
        _store ??= OfficialStore.Open(context.Url, bucket.Name);
        return WatchAsync(_store).GetAwaiter().GetResult();
    }

    private static async Task<long> WatchAsync(INatsKVStore store)
    {
        long entries = 0;
        await foreach (NatsKVEntry<byte[]> entry in store.WatchAsync<byte[]>())
        {
            entries++;
            if (entry.Delta == 0)
            {
                break;
            }
        }

        return entries;
    }
}
