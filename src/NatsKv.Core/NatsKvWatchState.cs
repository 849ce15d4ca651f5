namespace NatsKv;

/// <summary>How a watch stands.</summary>
public enum NatsKvWatchState
{
    /// <summary>Not followed yet: the initial data is still to come, or to be completed.</summary>
    Starting = 0,

    /// <summary>
    /// The initial data is complete and changes arrive as they happen, which is proven: the bucket's leader was asked, not longer ago than three
    /// times <see cref="NatsKvWatchOptions.IdleHeartbeat"/>, and everything up to its answer has been handed over. In a cluster that falls apart,
    /// a leader that was cut off may answer for up to twenty seconds more.
    /// </summary>
    Following = 1,

    /// <summary>Interrupted, or not proven lately; it tries again by itself, and resumes where it stopped.</summary>
    Recovering = 2,

    /// <summary>Stopped for good.</summary>
    Stopped = 3,

    /// <summary>
    /// What the watch needs is not there, such as the bucket or a permission: it goes on trying, with long pauses, but somebody has to act.
    /// </summary>
    Lost = 4,
}
