namespace NatsKv.NatsNet;

/// <summary>How long something may take from now on, all its steps together.</summary>
internal readonly struct Patience(TimeProvider time, TimeSpan timeout)
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
}
