namespace NatsKv;

/// <summary>A value with its headers is larger than the server or the bucket takes. Nothing was sent.</summary>
public sealed class NatsKvValueTooLargeException : NatsKvException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="key">The key.</param>
    /// <param name="size">The size in bytes, headers included.</param>
    /// <param name="limit">The most that is taken, in bytes.</param>
    public NatsKvValueTooLargeException(string bucket, string key, long size, long limit)
        : base($"The value for key '{key}' in bucket '{bucket}' takes {size} bytes with its headers; {limit} are allowed. Store less, or raise the server's max_payload or the bucket's maximum value size.")
    {
        Bucket = bucket;
        Key = key;
        Size = size;
        Limit = limit;
    }

    /// <summary>The bucket's name.</summary>
    public string Bucket { get; }

    /// <summary>The key.</summary>
    public string Key { get; }

    /// <summary>The size in bytes, headers included.</summary>
    public long Size { get; }

    /// <summary>The most that is taken, in bytes.</summary>
    public long Limit { get; }
}
