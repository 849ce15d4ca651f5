namespace NatsKv;

/// <summary>A bucket was made anew or set back while its content was being listed: what was listed so far is not what it holds.</summary>
public sealed class NatsKvBucketResetException : NatsKvException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="bucket">The bucket's name.</param>
    public NatsKvBucketResetException(string bucket)
        : base($"Bucket '{bucket}' was made anew or set back while its content was being listed. Ask again.") => Bucket = bucket;

    /// <summary>The bucket's name.</summary>
    public string Bucket { get; }

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
