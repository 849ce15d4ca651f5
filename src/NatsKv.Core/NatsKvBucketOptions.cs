namespace NatsKv;

/// <summary>How a handle on a bucket behaves. Handles on the same bucket may differ.</summary>
public sealed record NatsKvBucketOptions
{
    /// <summary>
    /// Whether the handle may ask the server about the bucket (<c>STREAM.INFO</c>) when an operation depends on it. Switch it off for users
    /// who have no permission to.
    /// </summary>
    /// <remarks>
    /// Without asking, nothing but the operation itself goes to the server, and what isn't known is assumed:
    /// <list type="bullet">
    /// <item>The bucket keeps history: a write with a TTL carries <c>Nats-Rollup: sub</c>, so that no older value comes back; this needs
    /// a bucket that allows it, as all clients make them.</item>
    /// <item>Keys may have a TTL: a bucket that doesn't allow it refuses the write (<see cref="NatsKvNotSupportedException"/>).</item>
    /// <item>Values may be as large as the server's messages: the bucket's own limit is the server's to enforce
    /// (<see cref="NatsKvValueTooLargeException"/>).</item>
    /// <item>The bucket is replicated: an answer older than what this process has written or seen is not believed, and the leader asked. When
    /// the leader keeps to it that a revision is gone, and nothing newer in the bucket proves that it is up to date, it is believed after three
    /// quarters of the call's time.</item>
    /// <item>Any replica may answer reads: where nobody does, the leader is asked, and after two such reads in a row all go to
    /// the leader for 30 seconds. A server before 2.10 leaves a read that no replica may answer without any answer, so there all reads go to the
    /// leader.</item>
    /// <item>A write that nobody takes is sent again for a while. What the reason is stays unknown: there may be no such bucket.</item>
    /// </list>
    /// <see cref="INatsKvBucket.GetStatusAsync"/> is such a question by itself, and is asked. Watches, and the listings of keys and histories
    /// that are made of them, are refused: only <c>STREAM.INFO</c> tells whether the bucket has been made anew or set back, and a watch that
    /// doesn't know follows nothing, without a sign.
    /// </remarks>
    /// <value>The default is <see langword="true"/>.</value>
    public bool AskServer { get; init; } = true;

    /// <summary>Which keys and filters are let through.</summary>
    /// <value>The default is <see cref="NatsKvKeyValidation.Strict"/>.</value>
    public NatsKvKeyValidation KeyValidation { get; init; }

    /// <summary>
    /// How long a call on this handle may take, with all its requests, pauses and waits for the connection; blocking calls too. Watches, and
    /// listings that go on as long as something comes, are not bound by it.
    /// </summary>
    /// <value>The default is <see langword="null"/>: <see cref="NatsKvOptions.RequestTimeout"/>.</value>
    public TimeSpan? Timeout { get; init; }

    internal static NatsKvBucketOptions Default { get; } = new();

    internal void ThrowIfInvalid()
    {
        if (!Enum.IsDefined(KeyValidation))
        {
            throw new ArgumentException($"NatsKvBucketOptions.{nameof(KeyValidation)} is {(int)KeyValidation}, which is none of {string.Join(", ", Enum.GetNames<NatsKvKeyValidation>())}.");
        }

        if (Timeout is { } timeout && !(timeout > TimeSpan.Zero && timeout.TotalMilliseconds <= int.MaxValue))
        {
            throw new ArgumentException($"NatsKvBucketOptions.{nameof(Timeout)} is {timeout}; it must be longer than zero, and 24 days at most.");
        }
    }
}
