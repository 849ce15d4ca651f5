using System.Diagnostics.CodeAnalysis;

namespace NatsKv.Transport;

/// <summary>An inbox was read too slowly: more bytes waited in it than its budget allows.</summary>
[Experimental("NATSKV001")]
public sealed class NatsInboxOverflowException : NatsKvException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="subject">The inbox's subject.</param>
    /// <param name="maxPendingBytes">Its budget.</param>
    public NatsInboxOverflowException(string subject, int maxPendingBytes)
        : base($"Inbox '{subject}' was read too slowly: more than {maxPendingBytes} bytes were waiting.")
    {
    }

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
