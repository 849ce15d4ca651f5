namespace NatsKv;

/// <summary>A bucket of that name exists with another configuration.</summary>
public sealed class NatsKvBucketExistsException : NatsKvException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="bucket">The bucket's name.</param>
    public NatsKvBucketExistsException(string bucket)
        : base($"Bucket '{bucket}' exists with another configuration. Use it as it is with GetBucketAsync, or change it with CreateOrUpdateBucketAsync.") =>
        Bucket = bucket;

    /// <summary>The bucket's name.</summary>
    public string Bucket { get; }
}
