using System.Globalization;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.FeatureManagement;

namespace WorkerSample.Pricing;

/// <summary>The worker's 'work': a price that depends on a flag, kept in the distributed cache for a while.</summary>
internal sealed class PriceList(IFeatureManager features, IDistributedCache cache)
{
    private static readonly DistributedCacheEntryOptions KeepForAMinute = new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) };

    /// <summary>The price of three widgets, and whether another call had worked it out before.</summary>
    public async Task<(decimal Price, bool FromCache)> GetAsync(CancellationToken cancellationToken)
    {
        bool isNew = await features.IsEnabledAsync(Flags.NewPricing);
        string key = $"price:{(isNew ? "new" : "old")}:widget x 3";
        if (await cache.GetStringAsync(key, cancellationToken) is { } cached)
        {
            return (decimal.Parse(cached, CultureInfo.InvariantCulture), true);
        }

        decimal price = isNew ? 24.50m : 30.00m;
        await cache.SetStringAsync(key, price.ToString(CultureInfo.InvariantCulture), KeepForAMinute, cancellationToken);
        return (price, false);
    }
}
