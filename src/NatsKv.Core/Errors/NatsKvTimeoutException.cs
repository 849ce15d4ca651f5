namespace NatsKv;

/// <summary>The server did not answer in time. Whether a write took place is unknown.</summary>
public sealed class NatsKvTimeoutException : NatsKvException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="timeout">How long was waited.</param>
    /// <param name="message">What was waited for.</param>
    public NatsKvTimeoutException(TimeSpan timeout, string message)
        : base(message) => Timeout = timeout;

    /// <summary>How long was waited.</summary>
    public TimeSpan Timeout { get; }

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
