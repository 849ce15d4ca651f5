namespace NatsKv;

/// <summary>JetStream refused a request, for a reason that has no exception type of its own.</summary>
public sealed class NatsKvServerException : NatsKvException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="code">The HTTP-like status, for example 503.</param>
    /// <param name="errorCode">JetStream's own code, for example 10077; 0 if it gave none.</param>
    /// <param name="message">What was asked and what the server said.</param>
    public NatsKvServerException(int code, int errorCode, string message)
        : base(message)
    {
        Code = code;
        ErrorCode = errorCode;
    }

    /// <summary>The HTTP-like status.</summary>
    public int Code { get; }

    /// <summary>JetStream's own error code; 0 if it gave none.</summary>
    public int ErrorCode { get; }

    /// <inheritdoc/>
    public override bool IsTransient => Code is 503 or 429 || ErrorCode is 10047;
}
