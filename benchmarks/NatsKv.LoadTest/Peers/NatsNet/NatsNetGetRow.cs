using NATS.Client.KeyValueStore;
using NatsKv.LoadTest.Floor;
using NatsKv.LoadTest.Loads;
using NatsKv.LoadTest.Rows;

namespace NatsKv.LoadTest.Peers.NatsNet;

/// <summary>Reads a key into an entry of the caller's own, with the official client's Key/Value API.</summary>
internal sealed class NatsNetGetRow(IRow counterpart) : NatsNetRequestRow(counterpart)
{
    protected override IFloor CreateFloor(RowContext context, FilledBucket bucket) => Gets(context, bucket);

    protected override async Task CallAsync(INatsKVStore store, byte[] value, Caller caller)
    {
        while (caller.GoesOn)
        {
            long begun = caller.Begin();
            NatsKVEntry<byte[]> entry = await store.GetEntryAsync<byte[]>(caller.NextKey());
            caller.End(begun);
            if (entry.Value?.Length != value.Length)
            {
                throw new InvalidOperationException("A get brought something else.");
            }
        }
    }
}
