namespace NatsKv;

/// <summary>There is no connection to a server, or it broke during the call.</summary>
public sealed class NatsKvConnectionException : NatsKvException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="failure">Why.</param>
    /// <param name="url">The server's address; credentials must have been removed.</param>
    /// <param name="message">What went wrong and what to do about it.</param>
    /// <param name="innerException">The cause.</param>
    public NatsKvConnectionException(NatsKvConnectionFailure failure, string url, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Failure = failure;
        Url = url;
    }

    /// <summary>Why there is no connection.</summary>
    public NatsKvConnectionFailure Failure { get; }

    /// <summary>The server's address, without credentials.</summary>
    public string Url { get; }

    /// <inheritdoc/>
    public override bool IsTransient => Failure is NatsKvConnectionFailure.Unreachable or NatsKvConnectionFailure.Lost;
}
