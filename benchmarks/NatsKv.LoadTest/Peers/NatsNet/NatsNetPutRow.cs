using NATS.Client.KeyValueStore;
using NatsKv.LoadTest.Floor;
using NatsKv.LoadTest.Loads;
using NatsKv.LoadTest.Rows;

namespace NatsKv.LoadTest.Peers.NatsNet;

/// <summary>Stores a value under a key, with the official client's Key/Value API.</summary>
internal sealed class NatsNetPutRow(IRow counterpart) : NatsNetRequestRow(counterpart)
{
    protected override IFloor CreateFloor(RowContext context, FilledBucket bucket) => Puts(context, bucket);

    protected override async Task CallAsync(INatsKVStore store, byte[] value, Caller caller)
    {
        while (caller.GoesOn)
        {
            long begun = caller.Begin();
            await store.PutAsync(caller.NextKey(), value);
            caller.End(begun);
        }
    }
}
