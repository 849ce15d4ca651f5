namespace NatsKv;

/// <summary>How a key is read. The default reads the latest value from whichever replica answers.</summary>
public readonly record struct NatsKvReadOptions
{
    /// <summary>Return the marker of a deleted, purged or expired key instead of nothing.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool IncludeDeleted { get; init; }

    /// <summary>
    /// Don't take an answer that knows less than this revision: for reading through one client what another has written, whose put returned it.
    /// A replica that lags behind is passed over, and the leader asked.
    /// </summary>
    /// <value>The default is 0: any answer that is not older than what this client itself has written or read before.</value>
    public ulong AtLeastRevision { get; init; }

    /// <summary>Ask the leader of the bucket's stream, which has seen every acknowledged write. Costs about a quarter more than a direct get.</summary>
    /// <remarks>
    /// Reads and writes of a key then happen in one order that all clients agree on, also while leaders die or step down, with one exception: a leader
    /// that has been cut off from the others goes on answering with what it had, as measured for 4 to 8 s, and for up to 20 s if it leads the
    /// cluster's own group too. An update with the revision that was read fails in that case, so it never builds on what was.
    /// </remarks>
    /// <value>
    /// The default is <see langword="false"/>: any replica may answer. It may lag behind what others write, but never behind what this client has
    /// written or read itself.
    /// </value>
    public bool FromLeader { get; init; }
}
