namespace NatsKv.Connection;

/// <summary>
/// Decides where callers' code goes on when a result is there. On the connection's thread it costs no hop, and what it sends next goes out
/// in one piece with what the others send: that is fastest while the code is quick. As soon as it works for a while, one thread would be the
/// limit, so it goes to the pool; and comes back when it has become quick. Measured all the time, in both places.
/// </summary>
/// <remarks>The average is updated without a lock: a lost update is one measurement less.</remarks>
internal sealed class ContinuationPolicy
{
    // The average has to be clearly on one side before it counts, so that it doesn't swing to and fro.
    private const double LeaveMicroseconds = 6;
    private const double ReturnMicroseconds = 3;
    private const double Weight = 1.0 / 32;
    private const double HeldMicroseconds = 50;

    // Code that once took this long has blocked. It will again: better not on the connection's thread for a while. A millisecond or so says
    // nothing: the system lets other threads run for as long.
    private const double BlockedMicroseconds = 20_000;
    private const double QuarantineSeconds = 0.5;

    [ThreadStatic]
    private static long t_excluded;

    private readonly TimeProvider _time;
    private readonly bool _isAdaptive;
    private readonly double _microsecondsPerTick;
    private double _average;
    private long _quarantineEnd;
    private bool _onPool;

    public ContinuationPolicy(TimeProvider time, NatsKvContinuations continuations)
    {
        _time = time;
        _microsecondsPerTick = 1_000_000.0 / time.TimestampFrequency;
        _isAdaptive = continuations == NatsKvContinuations.Adaptive;
        _onPool = continuations == NatsKvContinuations.ThreadPool;
    }

    /// <summary>Whether callers' code goes to the pool now.</summary>
    public bool OnPool => Volatile.Read(ref _onPool);

    /// <summary>Begins a measurement on the calling thread.</summary>
    public long Start() => _time.GetTimestamp() - t_excluded;

    /// <summary>What went on since <paramref name="start"/> is our own work, and no part of a measurement that is under way on this thread.</summary>
    public void Exclude(long start) => t_excluded += _time.GetTimestamp() - t_excluded - start;

    /// <summary>Takes in how long the code of some callers took, one after the other.</summary>
    public void Stop(long start, int count)
    {
        if (!_isAdaptive)
        {
            return;
        }

        long now = _time.GetTimestamp();
        double micros = (now - t_excluded - start) * _microsecondsPerTick;
        if (micros >= BlockedMicroseconds)
        {
            Quarantine(now);
            return;
        }

        double average = _average += ((micros / count) - _average) * Math.Min(count * Weight, 0.5);
        if (_onPool ? average < ReturnMicroseconds && now > _quarantineEnd : average > LeaveMicroseconds)
        {
            Volatile.Write(ref _onPool, !_onPool);
        }
    }

    /// <summary>A caller's code is about to block the connection's thread.</summary>
    public void Blocks() => Quarantine(_time.GetTimestamp());

    /// <summary>A caller's code has held the connection's thread for so long that another thread took over; it may never come back to be measured.</summary>
    public void Held()
    {
        if (_isAdaptive)
        {
            _average += HeldMicroseconds;
            Volatile.Write(ref _onPool, true);
        }
    }

    private void Quarantine(long now)
    {
        if (!_isAdaptive)
        {
            return;
        }

        Volatile.Write(ref _quarantineEnd, now + (long)(QuarantineSeconds * _time.TimestampFrequency));
        Volatile.Write(ref _onPool, true);
    }
}
