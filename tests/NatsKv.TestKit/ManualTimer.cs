namespace NatsKv.TestKit;

/// <summary>A timer of a <see cref="ManualTimeProvider"/>, which guards its state.</summary>
internal sealed class ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state) : ITimer
{
    public TimeSpan Due { get; set; }

    /// <summary>Timers due at the same time fire in the order in which they were set.</summary>
    public long Order { get; set; }

    public TimeSpan? Period { get; set; }

    public bool IsDisposed { get; set; }

    public bool Change(TimeSpan dueTime, TimeSpan period) => clock.Schedule(this, dueTime, period);

    public void Fire()
    {
        if (!IsDisposed)
        {
            callback(state);
        }
    }

    public void Dispose() => clock.Remove(this);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
