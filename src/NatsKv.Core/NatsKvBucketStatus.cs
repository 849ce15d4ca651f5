namespace NatsKv;

/// <summary>What the server says of a bucket at one moment.</summary>
public sealed record NatsKvBucketStatus
{
    /// <summary>The bucket's name.</summary>
    public required string Bucket { get; init; }

    /// <summary>When the bucket was made; a bucket of the same name with another time is another bucket.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When the server said this, by its own clock; servers before 2.10 don't tell.</summary>
    public DateTimeOffset? ServerTime { get; init; }

    /// <summary>How the bucket is configured.</summary>
    public required NatsKvBucketConfig Config { get; init; }

    /// <summary>How many keys the bucket knows, markers of deleted keys included.</summary>
    public required long Keys { get; init; }

    /// <summary>How many revisions the bucket holds, history and markers included.</summary>
    public required long Values { get; init; }

    /// <summary>The bytes that the bucket takes.</summary>
    public required long Bytes { get; init; }

    /// <summary>The oldest revision in the bucket; one more than <see cref="LastRevision"/> when it holds nothing.</summary>
    public ulong FirstRevision { get; init; }

    /// <summary>The newest revision in the bucket; 0 when nothing was ever written.</summary>
    public required ulong LastRevision { get; init; }

    /// <summary>When the newest revision was written; <see langword="null"/> when nothing ever was.</summary>
    public DateTimeOffset? LastWritten { get; init; }

    /// <summary>The server that leads the bucket; <see langword="null"/> while there is none, and where an old server that is alone doesn't tell.</summary>
    public string? Leader { get; init; }

    /// <summary>The other servers of the cluster that hold the bucket; empty outside a cluster, or when only one does.</summary>
    public IReadOnlyList<NatsKvReplicaStatus> Replicas { get; init; } = [];

    /// <summary>The bucket's own stream and its mirrors, in the order in which the server would ask them; empty when there are no mirrors, and outside a cluster.</summary>
    public IReadOnlyList<NatsKvAlternate> Alternates { get; init; } = [];

    /// <summary>How far the bucket is, if it is a mirror of another; else <see langword="null"/>.</summary>
    public NatsKvMirrorStatus? Mirror { get; init; }

    /// <summary>What keeps the bucket: always <c>JetStream</c> (ADR-8).</summary>
    public string BackingStore { get; init; } = "JetStream";

    /// <summary>The JetStream API level of the server that answered (ADR-44); servers before 2.11 don't tell.</summary>
    public int? ServerApiLevel { get; init; }

    /// <summary>The API level that a server needs to hold the bucket (ADR-44); servers before 2.11 don't tell.</summary>
    public int? RequiredApiLevel { get; init; }

    /// <summary>Whether keys may have a TTL of their own.</summary>
    public required bool AllowsKeyTtl { get; init; }

    /// <summary>Whether replicas other than the leader may answer reads.</summary>
    public required bool AllowsDirectGet { get; init; }
}
