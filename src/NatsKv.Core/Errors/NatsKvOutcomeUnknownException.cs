namespace NatsKv;

/// <summary>
/// A conditional write was sent, no answer came, and what became of it could not be found out within the call's time. It may have taken place,
/// and may still: read the key again, and decide by its value.
/// </summary>
public sealed class NatsKvOutcomeUnknownException : NatsKvException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="key">The key.</param>
    /// <param name="expectedRevision">The revision that the write expected; 0 for a key that was to be made.</param>
    /// <param name="innerException">Why there was no answer, or what kept the client from finding out.</param>
    public NatsKvOutcomeUnknownException(string bucket, string key, ulong expectedRevision, Exception? innerException = null)
        : base(
            $"The write of key '{key}' in bucket '{bucket}' on revision {expectedRevision} got no answer, and whether it took place can't be told. Read the key again and decide anew.",
            innerException)
    {
        Bucket = bucket;
        Key = key;
        ExpectedRevision = expectedRevision;
    }

    /// <summary>The bucket's name.</summary>
    public string Bucket { get; }

    /// <summary>The key.</summary>
    public string Key { get; }

    /// <summary>The revision that the write expected; 0 for a key that was to be made.</summary>
    public ulong ExpectedRevision { get; }
}
