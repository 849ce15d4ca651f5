using System.Diagnostics.CodeAnalysis;
using NatsKv.Connection;

namespace NatsKv.Transport;

/// <summary>What every transport can do because it can <see cref="INatsTransport.BeginRequest"/>.</summary>
[Experimental("NATSKV001")]
public static class NatsTransportExtensions
{
    /// <summary>Sends a message and waits for one reply.</summary>
    /// <param name="transport">The transport.</param>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The reply, which the caller disposes. A server without anybody to answer replies with status 503.</returns>
    public static ValueTask<NatsMessage> RequestAsync(this INatsTransport transport, in NatsOutgoingMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(transport);
        AwaitedReply reply = AwaitedReply.Rent();
        transport.BeginRequest(message, reply, cancellationToken);
        return reply.Task;
    }
}
