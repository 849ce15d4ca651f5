namespace NatsKv.Caching.Touching;

/// <summary>A touch that was begun and has not been seen to end.</summary>
internal sealed class TouchUnderWay(ulong? revision, long started)
{
    /// <summary>The revision that it began with.</summary>
    public ulong? Revision { get; } = revision;

    /// <summary>When it began, as a timestamp of the clock.</summary>
    public long Started { get; } = started;

    /// <summary>Its end.</summary>
    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
