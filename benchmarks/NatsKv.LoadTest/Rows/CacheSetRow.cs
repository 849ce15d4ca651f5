using Microsoft.Extensions.Caching.Distributed;
using NatsKv.LoadTest.Floor;
using NatsKv.LoadTest.Loads;

namespace NatsKv.LoadTest.Rows;

/// <summary>Sets entries of the cache that expire after an hour.</summary>
internal sealed class CacheSetRow(bool isQuick) : CacheRow("cache-set", isQuick)
{
    protected override DistributedCacheEntryOptions Expiry() => new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(1) };

    protected override IFloor CreateFloor(RawLink link, string[] bucketKeys) => Sets(link, bucketKeys);

    protected override async Task CallAsync(IDistributedCache cache, Caller caller)
    {
        DistributedCacheEntryOptions options = Expiry();
        while (caller.GoesOn)
        {
            long begun = caller.Begin();
            await cache.SetAsync(caller.NextKey(), Value, options);
            caller.End(begun);
        }
    }
}
