namespace NatsKv.Connection;

/// <summary>How long something may take from now on, all its steps together.</summary>
internal readonly struct Deadline(TimeProvider time, TimeSpan timeout)
{
    private readonly long _start = time.GetTimestamp();

    /// <summary>For all steps together.</summary>
    public TimeSpan Timeout => timeout;

    /// <summary>What is left; never negative.</summary>
    public TimeSpan Left
    {
        get
        {
            TimeSpan left = timeout - time.GetElapsedTime(_start);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>What is left for a request; never zero, which would mean the connection's own timeout.</summary>
    public TimeSpan LeftForRequest => Left is { Ticks: > 0 } left ? left : TimeSpan.FromTicks(1);
}
