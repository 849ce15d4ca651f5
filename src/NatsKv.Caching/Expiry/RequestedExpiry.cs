using Microsoft.Extensions.Caching.Distributed;

namespace NatsKv.Caching.Expiry;

/// <summary>Turns what a caller asks for into windows.</summary>
internal static class RequestedExpiry
{
    /// <summary>Reads the caller's options.</summary>
    /// <param name="requested">The caller's options.</param>
    /// <param name="settings">Defaults and the quantum.</param>
    /// <param name="now">The present.</param>
    /// <returns>What is to be stored.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The absolute expiration is not in the future.</exception>
    public static EntryExpiry Read(DistributedCacheEntryOptions requested, CacheSettings settings, DateTimeOffset now)
    {
        // Checked also where a relative time takes precedence: a time in the past is a mistake in any case.
        if (requested.AbsoluteExpiration is { } instant && instant <= now)
        {
#pragma warning disable CA2208 // The name that callers know, and that other caches report, is the option's.
            throw new ArgumentOutOfRangeException(
                nameof(DistributedCacheEntryOptions.AbsoluteExpiration), instant, "The absolute expiration value must be in the future.");
#pragma warning restore CA2208
        }

        TimeSpan? absolute = requested.AbsoluteExpirationRelativeToNow ?? (requested.AbsoluteExpiration - now);
        TimeSpan? sliding = requested.SlidingExpiration;
        if (absolute is null && sliding is null)
        {
            absolute = settings.DefaultExpiration;
            sliding = settings.DefaultSlidingExpiration;
        }

        return ExpiryPolicy.Create(absolute, sliding, settings.SlidingQuantum);
    }
}
