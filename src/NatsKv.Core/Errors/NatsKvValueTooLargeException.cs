namespace NatsKv;

/// <summary>A value with its headers is larger than the server or the bucket takes. Nothing was stored.</summary>
public sealed class NatsKvValueTooLargeException : NatsKvException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="key">The key.</param>
    /// <param name="size">The size in bytes, headers included; <see langword="null"/> if it is not known.</param>
    /// <param name="limit">The most that is taken, in bytes; <see langword="null"/> if it is not known.</param>
    public NatsKvValueTooLargeException(string bucket, string key, long? size, long? limit)
        : base($"The value for key '{key}' in bucket '{bucket}' {(size is null ? "is too large" : $"takes {size} bytes")} with its headers"
            + $"{(limit is null ? "" : $"; {limit} are allowed")}. Store less, or raise the server's max_payload or the bucket's maximum value size.")
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

    /// <summary>The size in bytes, headers included; <see langword="null"/> if it is not known.</summary>
    public long? Size { get; }

    /// <summary>The most that is taken, in bytes; <see langword="null"/> if it is not known.</summary>
    public long? Limit { get; }
}
