namespace NatsKv.Watching;

/// <summary>
/// Tells whether a message is taken in long after it was stored, although the server's clock and ours differ. Pure; synchronized from any
/// thread.
/// </summary>
internal sealed class LagGauge
{
    private const long Unknown = long.MaxValue;

    private long _difference = Unknown;

    /// <summary>The server has just said what time it is; servers before 2.10 don't.</summary>
    public void Synchronize(DateTimeOffset? serverTime, DateTimeOffset now) =>
        Volatile.Write(ref _difference, serverTime is { } time ? (now - time).Ticks : Unknown);

    /// <summary>How long ago something was stored, as far as that can be told.</summary>
    public TimeSpan Since(DateTimeOffset stored, DateTimeOffset now) =>
        Volatile.Read(ref _difference) is var difference and not Unknown ? now - stored - TimeSpan.FromTicks(difference) : TimeSpan.Zero;
}
