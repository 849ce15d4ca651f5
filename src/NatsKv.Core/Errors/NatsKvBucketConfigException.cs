namespace NatsKv;

/// <summary>A bucket's configuration is refused by the server, or doesn't fit what the bucket is to be used for.</summary>
public sealed class NatsKvBucketConfigException : NatsKvException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="message">What is wrong and what to change.</param>
    public NatsKvBucketConfigException(string bucket, string message)
        : base(message) => Bucket = bucket;

    /// <summary>The bucket's name.</summary>
    public string Bucket { get; }
}
