namespace NatsKv;

/// <summary>A bucket of that name exists with another configuration.</summary>
public sealed class NatsKvBucketExistsException : NatsKvException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="differences">In which of the stream's settings it differs, if that is known.</param>
    public NatsKvBucketExistsException(string bucket, IReadOnlyList<string>? differences = null)
        : base($"Bucket '{bucket}' exists with another configuration{(differences is { Count: > 0 } ? $" ({string.Join(", ", differences)})" : "")}. "
            + "Use it as it is with GetBucketAsync or OpenOrCreateBucketAsync, or change it with CreateOrUpdateBucketAsync.")
    {
        Bucket = bucket;
        Differences = differences ?? [];
    }

    /// <summary>The bucket's name.</summary>
    public string Bucket { get; }

    /// <summary>The stream's settings in which it differs, by the server's names, for example <c>max_age</c>; empty if that is not known.</summary>
    public IReadOnlyList<string> Differences { get; }
}
