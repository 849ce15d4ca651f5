namespace NatsKv;

/// <summary>How a watch stands.</summary>
public enum NatsKvWatchState
{
    /// <summary>Not yet connected to the bucket.</summary>
    Starting = 0,

    /// <summary>Connected; changes arrive as they happen.</summary>
    Following = 1,

    /// <summary>Interrupted; it tries again by itself, and resumes where it stopped.</summary>
    Recovering = 2,

    /// <summary>Stopped for good.</summary>
    Stopped = 3,
}
