namespace NatsKv;

/// <summary>What a watch reports.</summary>
public enum NatsKvWatchEventKind
{
    /// <summary>A revision of a key.</summary>
    Entry = 0,

    /// <summary>Everything that was there when the watch began has been reported. Comes exactly once, and once more after each <see cref="Reset"/>.</summary>
    InitialDataComplete = 1,

    /// <summary>
    /// What the watch has reported is void: the bucket was made anew, or set back. Forget it; the present content follows, and after it
    /// <see cref="InitialDataComplete"/>.
    /// </summary>
    Reset = 2,
}
