namespace NatsKv;

/// <summary>There is no such bucket.</summary>
public sealed class NatsKvBucketNotFoundException : NatsKvException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="bucket">The bucket's name.</param>
    public NatsKvBucketNotFoundException(string bucket)
        : base($"There is no bucket '{bucket}' (JetStream stream 'KV_{bucket}') in this account. Make it with CreateBucketAsync, or with 'nats kv add {bucket}'.") =>
        Bucket = bucket;

    /// <summary>The bucket's name.</summary>
    public string Bucket { get; }
}
