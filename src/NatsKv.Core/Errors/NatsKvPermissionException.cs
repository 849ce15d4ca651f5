namespace NatsKv;

/// <summary>The server's permissions forbid what was asked.</summary>
public sealed class NatsKvPermissionException : NatsKvException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="subject">The subject that may not be used.</param>
    /// <param name="message">What was asked and which permission it needs.</param>
    public NatsKvPermissionException(string subject, string message)
        : base(message) => Subject = subject;

    /// <summary>The subject that the account or user may not publish or subscribe to.</summary>
    public string Subject { get; }
}
