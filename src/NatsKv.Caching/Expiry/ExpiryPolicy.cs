namespace NatsKv.Caching.Expiry;

/// <summary>The rules of expiry, without I/O and without a clock.</summary>
internal static class ExpiryPolicy
{
    /// <summary>Shorter windows have no slack: there is little to save, and their users count seconds.</summary>
    private const long ShortestWindowWithSlack = 10_000;

    /// <summary>An entry that ends within this time by its absolute life is not touched any more.</summary>
    private const long LastSecond = 1_000;

    /// <summary>The longest TTL that is sent. A server overflows at some 235 years, and removes the value at once.</summary>
    private const long MaxTtlSeconds = int.MaxValue;

    /// <summary>What a Set with these windows stores.</summary>
    /// <param name="absolute">The absolute life, if there is one.</param>
    /// <param name="sliding">The sliding window, if there is one.</param>
    /// <param name="quantum">Which part of the sliding window may pass between touches.</param>
    /// <returns>The stored windows.</returns>
    public static EntryExpiry Create(TimeSpan? absolute, TimeSpan? sliding, double quantum)
    {
        long life = ToMilliseconds(absolute);
        long window = ToMilliseconds(sliding);
        if (life != 0 && window >= life)
        {
            // The absolute life ends first whatever happens: nothing to touch.
            window = 0;
        }

        long slack = window < ShortestWindowWithSlack ? 0 : (long)(window * quantum);
        return new EntryExpiry(life, window, slack, Origin: 0);
    }

    /// <summary>Whether an entry may be served.</summary>
    /// <param name="expiry">Its windows.</param>
    /// <param name="created">When the server stored its present revision.</param>
    /// <param name="now">The present, by the reader's clock.</param>
    /// <returns><see langword="false"/> from the first moment at which it has expired.</returns>
    public static bool IsLive(in EntryExpiry expiry, DateTimeOffset created, DateTimeOffset now) =>
        Within(expiry.Absolute, AbsoluteAge(expiry, created, now)) && Within(expiry.SlidingWithSlack, Age(created, now));

    /// <summary>Whether using a live entry has to write it again, so that its sliding window begins anew.</summary>
    /// <inheritdoc cref="IsLive"/>
    public static bool IsTouchDue(in EntryExpiry expiry, DateTimeOffset created, DateTimeOffset now)
    {
        if (expiry.Sliding == 0 || Age(created, now) < ToTicks(expiry.Slack))
        {
            return false;
        }

        return expiry.Absolute == 0 || ToTicks(expiry.Absolute) - AbsoluteAge(expiry, created, now) >= ToTicks(LastSecond);
    }

    /// <summary>The windows of a touched entry: the same, with the time from which its absolute life counts.</summary>
    /// <inheritdoc cref="IsLive"/>
    public static EntryExpiry Touched(in EntryExpiry expiry, DateTimeOffset created)
    {
        if (expiry.Absolute == 0 || expiry.Origin != 0)
        {
            return expiry;
        }

        // Rounded up, so that no touch makes the life shorter than asked for.
        long origin = created.ToUnixTimeMilliseconds() + (created.Ticks % TimeSpan.TicksPerMillisecond == 0 ? 0 : 1);
        return expiry with { Origin = origin };
    }

    /// <summary>The TTL for the server: what is left to live, in whole seconds rounded up, and the grace on top.</summary>
    /// <param name="expiry">The windows.</param>
    /// <param name="created">When the server stored the present revision; <paramref name="now"/> for a Set.</param>
    /// <param name="now">The present.</param>
    /// <param name="grace">How much longer than its life the server keeps an entry.</param>
    /// <returns>The TTL; <see langword="null"/> for an entry that never expires.</returns>
    public static TimeSpan? TimeToLive(in EntryExpiry expiry, DateTimeOffset created, DateTimeOffset now, TimeSpan grace)
    {
        long left = long.MaxValue;
        if (expiry.Absolute != 0)
        {
            left = ToTicks(expiry.Absolute) - AbsoluteAge(expiry, created, now);
        }

        if (expiry.Sliding != 0)
        {
            left = Math.Min(left, ToTicks(expiry.SlidingWithSlack));
        }

        return left == long.MaxValue
            ? null
            : TimeSpan.FromSeconds(Math.Clamp(SecondsUp(left) + SecondsUp(grace.Ticks), 1, MaxTtlSeconds));
    }

    private static bool Within(long window, long age) => window == 0 || age < ToTicks(window);

    // A reader whose clock is behind the server's sees entries from the future; to it they are new.
    private static long Age(DateTimeOffset since, DateTimeOffset now) => Math.Max(0, now.UtcTicks - since.UtcTicks);

    private static long AbsoluteAge(in EntryExpiry expiry, DateTimeOffset created, DateTimeOffset now) =>
        Age(expiry.Origin == 0 ? created : DateTimeOffset.FromUnixTimeMilliseconds(expiry.Origin), now);

    private static long ToTicks(long milliseconds) => milliseconds * TimeSpan.TicksPerMillisecond;

    private static long ToMilliseconds(TimeSpan? time) =>
        time is { } value ? Math.Clamp((value.Ticks / TimeSpan.TicksPerMillisecond) + (value.Ticks % TimeSpan.TicksPerMillisecond > 0 ? 1 : 0), 1, EntryExpiry.Longest) : 0;

    private static long SecondsUp(long ticks) => (ticks / TimeSpan.TicksPerSecond) + (ticks % TimeSpan.TicksPerSecond > 0 ? 1 : 0);
}
