namespace NatsKv;

/// <summary>The server did not answer in time. Whether a write took place is unknown, unless <see cref="WasSent"/> says that it was not sent.</summary>
public sealed class NatsKvTimeoutException : NatsKvException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="timeout">How long was waited.</param>
    /// <param name="message">What was waited for.</param>
    /// <param name="wasSent">Whether anything may have been sent.</param>
    public NatsKvTimeoutException(TimeSpan timeout, string message, bool wasSent = true)
        : base(message)
    {
        Timeout = timeout;
        WasSent = wasSent;
    }

    /// <summary>How long was waited.</summary>
    public TimeSpan Timeout { get; }

    /// <summary>Whether the request may have been sent; if not, nothing took place.</summary>
    public bool WasSent { get; }

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
