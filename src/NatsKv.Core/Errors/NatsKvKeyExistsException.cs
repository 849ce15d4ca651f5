namespace NatsKv;

/// <summary>A key that was to be created has a value already. Nothing was written.</summary>
public sealed class NatsKvKeyExistsException : NatsKvException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="key">The key.</param>
    /// <param name="revision">The value's revision, if it is known.</param>
    public NatsKvKeyExistsException(string bucket, string key, ulong? revision = null)
        : base($"Key '{key}' in bucket '{bucket}' exists{(revision is null ? "" : $" at revision {revision}")}. Use PutAsync to overwrite it, or TryCreateAsync where that is no error.")
    {
        Bucket = bucket;
        Key = key;
        Revision = revision;
    }

    /// <summary>The bucket's name.</summary>
    public string Bucket { get; }

    /// <summary>The key.</summary>
    public string Key { get; }

    /// <summary>The revision of the value that is there; <see langword="null"/> when it is not known, because it has changed all the while.</summary>
    public ulong? Revision { get; }
}
