namespace NatsKv;

/// <summary>How far a bucket is that mirrors another one.</summary>
public sealed record NatsKvMirrorStatus
{
    /// <summary>The name of the stream that it mirrors.</summary>
    public required string Origin { get; init; }

    /// <summary>How many messages it is behind.</summary>
    public required long Lag { get; init; }

    /// <summary>How long ago it last heard of the origin; <see langword="null"/> when it never did.</summary>
    public TimeSpan? LastHeard { get; init; }
}
