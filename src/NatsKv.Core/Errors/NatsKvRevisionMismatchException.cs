namespace NatsKv;

/// <summary>A conditional write lost: the key's latest revision is not the expected one. Nothing was written.</summary>
public sealed class NatsKvRevisionMismatchException : NatsKvException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="key">The key.</param>
    /// <param name="expectedRevision">What the caller expected.</param>
    /// <param name="actualRevision">What the server has, if it said so.</param>
    public NatsKvRevisionMismatchException(string bucket, string key, ulong expectedRevision, ulong? actualRevision)
        : base($"Key '{key}' in bucket '{bucket}' is not at revision {expectedRevision}{(actualRevision is { } actual ? $" but at {actual}" : "")}. Read it again and decide anew.")
    {
        Bucket = bucket;
        Key = key;
        ExpectedRevision = expectedRevision;
        ActualRevision = actualRevision;
    }

    /// <summary>The bucket's name.</summary>
    public string Bucket { get; }

    /// <summary>The key.</summary>
    public string Key { get; }

    /// <summary>What the caller expected.</summary>
    public ulong ExpectedRevision { get; }

    /// <summary>What the server has; <see langword="null"/> when it didn't say, as on replicated buckets under concurrent writes.</summary>
    public ulong? ActualRevision { get; }
}
