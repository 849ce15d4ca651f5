namespace NatsKv;

/// <summary>What the server says of a bucket at one moment.</summary>
public sealed record NatsKvBucketStatus
{
    /// <summary>The bucket's name.</summary>
    public required string Bucket { get; init; }

    /// <summary>When the bucket was made; a bucket of the same name with another time is another bucket.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>How the bucket is configured.</summary>
    public required NatsKvBucketConfig Config { get; init; }

    /// <summary>How many keys the bucket knows, markers of deleted keys included.</summary>
    public required long Keys { get; init; }

    /// <summary>How many revisions the bucket holds, history and markers included.</summary>
    public required long Values { get; init; }

    /// <summary>The bytes that the bucket takes.</summary>
    public required long Bytes { get; init; }

    /// <summary>The newest revision in the bucket; 0 when nothing was ever written.</summary>
    public required ulong LastRevision { get; init; }

    /// <summary>Whether keys may have a TTL of their own.</summary>
    public required bool AllowsKeyTtl { get; init; }

    /// <summary>Whether replicas other than the leader may answer reads.</summary>
    public required bool AllowsDirectGet { get; init; }
}
