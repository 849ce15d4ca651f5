namespace NatsKv;

/// <summary>A bucket holds as much as it may. Nothing was written, and trying again doesn't help before something is removed.</summary>
public sealed class NatsKvBucketFullException : NatsKvException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="reason">What the server said.</param>
    public NatsKvBucketFullException(string bucket, string reason)
        : base($"Bucket '{bucket}' is full: {reason}. Raise its limit (MaxBytes), or remove keys with RemoveAsync, which also works on a full bucket.") =>
        Bucket = bucket;

    /// <summary>The bucket's name.</summary>
    public string Bucket { get; }
}
