namespace NatsKv.Configuration;

/// <summary>A required bucket could not be loaded when the host started.</summary>
public sealed class NatsKvConfigurationException : NatsKvException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="url">The server's address; credentials must have been removed.</param>
    /// <param name="message">What went wrong and what to do about it.</param>
    /// <param name="isTransient">Whether another start may succeed with nothing changed by anybody.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public NatsKvConfigurationException(string bucket, string url, string message, bool isTransient, Exception? innerException = null)
        : base(message, innerException)
    {
        Bucket = bucket;
        Url = url;
        IsTransient = isTransient;
    }

    /// <summary>The bucket's name.</summary>
    public string Bucket { get; }

    /// <summary>The server's address, without credentials.</summary>
    public string Url { get; }

    /// <inheritdoc/>
    public override bool IsTransient { get; }
}
