namespace NatsKv;

/// <summary>Where the code behind an <c>await</c> goes on when an operation's result has arrived.</summary>
public enum NatsKvContinuations
{
    /// <summary>
    /// On the connection's own thread while that code is quick, on the thread pool while it isn't, by constant measurement. Code that blocks
    /// there after all holds up nobody: another thread reads on within a millisecond or so.
    /// </summary>
    Adaptive = 0,

    /// <summary>Always on the thread pool: more isolation, less speed.</summary>
    ThreadPool = 1,
}
