using Microsoft.Extensions.Caching.Distributed;
using NatsKv.LoadTest.Floor;
using NatsKv.LoadTest.Loads;

namespace NatsKv.LoadTest.Rows;

/// <summary>Reads entries of the cache.</summary>
internal sealed class CacheGetRow(string name, Func<DistributedCacheEntryOptions> expiry, bool isQuick) : CacheRow(name, isQuick)
{
    protected override DistributedCacheEntryOptions Expiry() => expiry();

    protected override IFloor CreateFloor(RawLink link, string[] bucketKeys) => Gets(link, bucketKeys);

    protected override async Task CallAsync(IDistributedCache cache, Caller caller)
    {
        while (caller.GoesOn)
        {
            long begun = caller.Begin();
            byte[]? value = await cache.GetAsync(caller.NextKey());
            caller.End(begun);
            if (value?.Length != ValueBytes)
            {
                throw new InvalidOperationException("The cache has lost an entry.");
            }
        }
    }
}
