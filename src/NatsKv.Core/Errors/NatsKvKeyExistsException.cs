namespace NatsKv;

/// <summary>A key that was to be created has a value already. Nothing was written.</summary>
public sealed class NatsKvKeyExistsException : NatsKvException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="key">The key.</param>
    public NatsKvKeyExistsException(string bucket, string key)
        : base($"Key '{key}' in bucket '{bucket}' exists. Use PutAsync to overwrite it, or TryCreateAsync where that is no error.")
    {
        Bucket = bucket;
        Key = key;
    }

    /// <summary>The bucket's name.</summary>
    public string Bucket { get; }

    /// <summary>The key.</summary>
    public string Key { get; }
}
