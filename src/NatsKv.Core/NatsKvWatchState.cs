namespace NatsKv;

/// <summary>How a watch stands.</summary>
public enum NatsKvWatchState
{
    /// <summary>The initial data is not complete yet, and nothing has gone wrong for good.</summary>
    Starting = 0,

    /// <summary>Connected; changes arrive as they happen.</summary>
    Following = 1,

    /// <summary>Interrupted; it tries again by itself, and resumes where it stopped.</summary>
    Recovering = 2,

    /// <summary>Stopped for good.</summary>
    Stopped = 3,

    /// <summary>
    /// What the watch needs is not there, such as the bucket or a permission: it goes on trying, with long pauses, but somebody has to act.
    /// </summary>
    Lost = 4,
}
