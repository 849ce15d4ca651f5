namespace NatsKv.Configuration.Publishing;

/// <summary>
/// When changes become a reload. The first one after a quiet time is due at once; while more follow, they are collected until there has been
/// none for <c>delay</c>, but no longer than <c>maxDelay</c>. Pure: times are what the caller says, since any fixed moment.
/// </summary>
internal sealed class ReloadPolicy(TimeSpan delay, TimeSpan maxDelay)
{
    /// <summary>How long to wait for the rest of an atomic batch whose end may never come, because the filter leaves it out.</summary>
    public static readonly TimeSpan BatchPatience = TimeSpan.FromMilliseconds(500);

    private TimeSpan? _first;
    private TimeSpan? _last;
    private TimeSpan? _heldSince;
    private bool _atOnce;

    /// <summary>Whether a batch is under way.</summary>
    public bool IsHolding => _heldSince is not null;

    /// <summary>Notes a change.</summary>
    /// <param name="now">When it came.</param>
    public void Changed(TimeSpan now)
    {
        if (_first is null)
        {
            _first = now;
            _atOnce = _last is not { } last || now - last >= delay;
        }

        _last = now;
    }

    /// <summary>An atomic batch is under way: nothing is due until it ends. To be called before <see cref="Changed"/>.</summary>
    /// <param name="now">When a part of it came.</param>
    public void Hold(TimeSpan now) => _heldSince = _first is null ? now : _heldSince ?? now;

    /// <summary>The batch has ended.</summary>
    public void Release() => _heldSince = null;

    /// <summary>How long to wait until the reload is due.</summary>
    /// <param name="now">The time.</param>
    /// <returns>Zero when it is due, <see langword="null"/> when nothing is pending.</returns>
    public TimeSpan? UntilDue(TimeSpan now)
    {
        if (_first is not { } first)
        {
            return null;
        }

        TimeSpan due = _heldSince is { } held ? held + BatchPatience
            : _atOnce ? first
            : Min(_last.GetValueOrDefault() + delay, first + maxDelay);
        return due <= now ? TimeSpan.Zero : due - now;
    }

    /// <summary>What was pending is taken, or void.</summary>
    public void Taken()
    {
        _first = null;
        _heldSince = null;
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
