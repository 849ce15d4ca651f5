namespace NatsKv;

/// <summary>How far a server is that holds a bucket and doesn't lead it, as the leader sees it.</summary>
public sealed record NatsKvReplicaStatus
{
    /// <summary>The server's name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it has everything; one that hasn't answers no direct gets.</summary>
    public required bool IsCurrent { get; init; }

    /// <summary>Whether the cluster takes it for gone.</summary>
    public required bool IsOffline { get; init; }

    /// <summary>How many operations it is behind.</summary>
    public required long Lag { get; init; }

    /// <summary>How long ago the leader last heard of it.</summary>
    public required TimeSpan LastHeard { get; init; }
}
