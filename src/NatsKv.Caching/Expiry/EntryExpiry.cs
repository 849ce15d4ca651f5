using System.Runtime.InteropServices;

namespace NatsKv.Caching.Expiry;

/// <summary>
/// How long an entry lives, in milliseconds relative to timestamps that the server gave: no clock of a writer takes part. 0 means that the
/// part doesn't apply.
/// </summary>
/// <param name="Absolute">The entry's whole life, counted from its Set.</param>
/// <param name="Sliding">How long it lives without being used, counted from the latest touch.</param>
/// <param name="Slack">By how much the sliding window may be overrun, so that not every use has to write; stored, because all readers must agree on it.</param>
/// <param name="Origin">On a touched entry with an absolute life: when the server stored the Set, as Unix time.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct EntryExpiry(long Absolute, long Sliding, long Slack, long Origin)
{
    /// <summary>The longest window: longer ones are the same to a cache, and this one can't overflow.</summary>
    public static readonly long Longest = (long)TimeSpan.MaxValue.TotalMilliseconds - 1;

    /// <summary>How long the sliding window really is.</summary>
    public long SlidingWithSlack => Sliding == 0 ? 0 : Math.Min(Sliding + Slack, Longest);
}
