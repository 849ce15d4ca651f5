namespace NatsKv.Buckets;

/// <summary>
/// Whether reads may go to any replica. Where a bucket allows no direct get they all go to the leader, for a while: it may be allowed meanwhile.
/// </summary>
internal sealed class DirectGetRoute(TimeProvider time)
{
    private const long Open = long.MinValue;
    private const int EnoughMisses = 2;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(30);

    private long _closedAt = Open;
    private int _misses;

    /// <summary>Whether reads go to the leader.</summary>
    public bool IsClosed => Volatile.Read(ref _closedAt) is var closedAt and not Open && IsStillClosed(closedAt);

    /// <summary>The bucket allows no direct get.</summary>
    public void Close() => Volatile.Write(ref _closedAt, time.GetTimestamp());

    /// <summary>The bucket may be another than it was.</summary>
    public void Reset()
    {
        _misses = 0;
        Volatile.Write(ref _closedAt, Open);
    }

    /// <summary>A replica has answered.</summary>
    public void Answered()
    {
        if (_misses != 0)
        {
            _misses = 0;
        }
    }

    /// <summary>No replica has answered, but the leader has: what that means can't be asked. Twice in a row, and it is taken for a rule.</summary>
    public void Missed()
    {
        if (Interlocked.Increment(ref _misses) >= EnoughMisses)
        {
            _misses = 0;
            Close();
        }
    }

    private bool IsStillClosed(long closedAt)
    {
        if (time.GetElapsedTime(closedAt) < RetryAfter)
        {
            return true;
        }

        // Whoever opens it asks a replica; those that come meanwhile do so too.
        Interlocked.CompareExchange(ref _closedAt, Open, closedAt);
        return false;
    }
}
