namespace NatsKv.Watching;

/// <summary>A moment by both clocks: the one that never jumps, and the wall's, which goes on while the machine sleeps.</summary>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
internal readonly record struct WatchMoment(TimeSpan Elapsed, DateTimeOffset Time)
{
    public static WatchMoment Now(TimeProvider time) => new(time.GetElapsedTime(0), time.GetUtcNow());

    /// <summary>How long ago an earlier moment is; the longer of what the two clocks say.</summary>
    public TimeSpan Since(WatchMoment earlier)
    {
        TimeSpan elapsed = Elapsed - earlier.Elapsed;
        TimeSpan passed = Time - earlier.Time;
        return elapsed > passed ? elapsed : passed;
    }
}
