namespace NatsKv;

/// <summary>What goes with a write besides the value.</summary>
public readonly record struct NatsKvWriteOptions
{
    private readonly bool _leavesOutcomeOpen;

    /// <summary>
    /// How long the value lives; the server removes it then. Rounded up to whole seconds (ADR-43). <see cref="Timeout.InfiniteTimeSpan"/>, and
    /// anything longer than 292 years, means that it stays even longer than the bucket's <see cref="NatsKvBucketConfig.MaxAge"/>.
    /// </summary>
    /// <remarks>
    /// On a bucket that keeps history, the server lets nothing live shorter than <see cref="NatsKvBucketConfig.LimitMarkerTtl"/>.
    /// </remarks>
    /// <value>The default is <see langword="null"/>: as long as the bucket allows. A plain put over a key with a TTL removes the TTL.</value>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>Headers to store beside the value.</summary>
    /// <value>The default is <see langword="null"/>: none.</value>
    public NatsKvHeaders? Headers { get; init; }

    /// <summary>Write only if the key's latest revision is this one; 0 means that the key must never have existed or be gone without a marker.</summary>
    /// <value>The default is <see langword="null"/>: write unconditionally.</value>
    public ulong? ExpectedRevision { get; init; }

    /// <summary>
    /// Whether a conditional write that gets no answer is followed up: whether it took place is found out, within the time that the call may
    /// take, of which the first request gets half. If that fails it ends with a <see cref="NatsKvOutcomeUnknownException"/>. For that, the write
    /// carries an id (<c>Nats-Msg-Id</c>, up to 52 bytes), which the server remembers for the bucket's duplicate window, two minutes at most.
    /// </summary>
    /// <value>
    /// The default is <see langword="true"/>. With <see langword="false"/>, as for all unconditional writes, it ends with a
    /// <see cref="NatsKvTimeoutException"/> or a <see cref="NatsKvConnectionException"/>, and whether it took place is unknown.
    /// </value>
    public bool ResolveOutcome
    {
        get => !_leavesOutcomeOpen;
        init => _leavesOutcomeOpen = !value;
    }
}
