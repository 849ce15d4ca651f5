namespace NatsKv;

/// <summary>How a key is read. The default reads the latest value from whichever replica answers.</summary>
public readonly record struct NatsKvReadOptions
{
    /// <summary>Return the marker of a deleted, purged or expired key instead of nothing.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool IncludeDeleted { get; init; }

    /// <summary>Ask the leader of the bucket's stream, which has seen every acknowledged write. Costs about a quarter more than a direct get.</summary>
    /// <value>The default is <see langword="false"/>: any replica may answer, and on a cluster it may lag behind.</value>
    public bool FromLeader { get; init; }
}
