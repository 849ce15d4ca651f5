namespace NatsKv.TestKit;

/// <summary>
/// A clock that only moves when a test moves it. <see cref="Advance"/> fires what comes due in the order of its due times, each at its
/// own time, on the calling thread and outside the lock; timers that a callback makes or changes take part.
/// </summary>
public sealed class ManualTimeProvider : TimeProvider
{
    private static readonly DateTimeOffset DefaultStart = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly DateTimeOffset _start;
    private TimeSpan _elapsed;
    private long _changes;

    public ManualTimeProvider(DateTimeOffset? start = null) => _start = start ?? DefaultStart;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>How many timers wait for their time; delays and time-outs are timers too.</summary>
    public int ActiveTimers
    {
        get
        {
            lock (_lock)
            {
                return _timers.Count;
            }
        }
    }

    /// <summary>How far away the next timer is, or <see langword="null"/> when none waits.</summary>
    public TimeSpan? NextDue
    {
        get
        {
            lock (_lock)
            {
                return First()?.Due - _elapsed;
            }
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _start + _elapsed;
        }
    }

    public override long GetTimestamp()
    {
        lock (_lock)
        {
            return _elapsed.Ticks;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock on, and fires what comes due on the way.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        TimeSpan target;
        lock (_lock)
        {
            target = _elapsed + by;
        }

        while (TakeDue(target) is { } timer)
        {
            timer.Fire();
        }
    }

    /// <summary>Moves the clock on at once, and fires what has come due late, as a machine does that stood still for so long.</summary>
    public void Stall(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        lock (_lock)
        {
            _elapsed += time;
        }

        Advance(TimeSpan.Zero);
    }

    /// <summary>Waits, in real time, until as many timers wait: the code under test has come to where only the clock moves it on.</summary>
    public Task WaitForTimersAsync(int count, TimeSpan? deadline = null) =>
        Eventually.TrueAsync(() => ActiveTimers >= count, $"{count} timers on the manual clock", deadline);

    internal bool Schedule(ManualTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime, nameof(dueTime));
        Check(period, nameof(period));
        bool dueNow;
        lock (_lock)
        {
            _timers.Remove(timer);
            if (timer.IsDisposed)
            {
                return false;
            }

            timer.Period = period > TimeSpan.Zero ? period : null;
            dueNow = dueTime == TimeSpan.Zero;
            if (dueTime >= TimeSpan.Zero && (!dueNow || timer.Period is not null))
            {
                Enqueue(timer, _elapsed + (dueNow ? timer.Period!.Value : dueTime));
            }
        }

        if (dueNow)
        {
            // As the system's timers do: soon, on another thread, and not within the call that sets the timer.
            ThreadPool.QueueUserWorkItem(static due => due.Fire(), timer, preferLocal: false);
        }

        return true;
    }

    internal void Remove(ManualTimer timer)
    {
        lock (_lock)
        {
            timer.IsDisposed = true;
            _timers.Remove(timer);
        }
    }

    private static void Check(TimeSpan time, string name)
    {
        if (time < TimeSpan.Zero && time != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(name);
        }
    }

    // The next timer that is due by the target, with the clock at its time; with the clock at the target when there is none.
    private ManualTimer? TakeDue(TimeSpan target)
    {
        lock (_lock)
        {
            if (First() is not { } timer || timer.Due > target)
            {
                _elapsed = target > _elapsed ? target : _elapsed;
                return null;
            }

            _elapsed = timer.Due > _elapsed ? timer.Due : _elapsed;
            _timers.Remove(timer);
            if (timer.Period is { } period)
            {
                Enqueue(timer, timer.Due + period);
            }

            return timer;
        }
    }

    private void Enqueue(ManualTimer timer, TimeSpan due)
    {
        timer.Due = due;
        timer.Order = ++_changes;
        _timers.Add(timer);
    }

    private ManualTimer? First() => _timers.Count == 0 ? null : _timers.MinBy(timer => (timer.Due, timer.Order));
}
