using NATS.Client.KeyValueStore;
using NatsKv.LoadTest.Floor;
using NatsKv.LoadTest.Loads;
using NatsKv.LoadTest.Rows;

namespace NatsKv.LoadTest.Peers.NatsNet;

/// <summary>A row whose callers use the official client's own Key/Value API.</summary>
internal abstract class NatsNetRequestRow(IRow counterpart)
    : RequestRow(counterpart.Name + "-natsnet-kv", counterpart.Callers, counterpart.ValueBytes, counterpart.IsQuick), IPeerRow
{
    private INatsKVStore? _store;

    public IRow Counterpart => counterpart;

    protected override RequestLoad Prepare(RowContext context)
    {
        FilledBucket bucket = FillBucket(context);
        INatsKVStore store = _store = OfficialStore.Open(context.Url, bucket.Bucket.Name);
        return new RequestLoad(bucket.Keys, caller => CallAsync(store, bucket.Value, caller), CreateFloor(context, bucket));
    }

    protected override void CleanUp(RowContext context) => OfficialStore.Close(_store);

    protected abstract IFloor CreateFloor(RowContext context, FilledBucket bucket);

    protected abstract Task CallAsync(INatsKVStore store, byte[] value, Caller caller);
}
