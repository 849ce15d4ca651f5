using System.Diagnostics.CodeAnalysis;

namespace NatsKv.Transport;

/// <summary>
/// What the Key/Value client needs from a NATS connection, and no more. The built-in connection is one implementation; an adapter over
/// another client's connection is the other.
/// </summary>
/// <remarks>
/// Operations connect when that has not happened yet, wait while the connection is being re-made, and fail with a
/// <see cref="NatsKvException"/> when their time is up (<see cref="NatsOutgoingMessage.Timeout"/>, else the connection's): a <see cref="NatsKvTimeoutException"/> if nobody answered, a
/// <see cref="NatsKvConnectionException"/> if there was no connection. Requests under way when a connection breaks fail at once as
/// <see cref="NatsKvConnectionFailure.Lost"/>, inboxes of <see cref="SubscribeAsync"/> go on with the next. A message that
/// is larger than the server takes is not sent and fails with a <see cref="NatsMessageTooLargeException"/>. A subject that the server's
/// permissions forbid fails with a <see cref="NatsKvPermissionException"/>. After disposal everything fails with an
/// <see cref="ObjectDisposedException"/>.
/// Handlers and continuations may run on the transport's own thread, if it has one; code above the seam must not block there, and hands over
/// to the pool before it returns to its caller. What all this means exactly is in the tests in tests/TransportContract, which every transport must pass.
/// </remarks>
[Experimental("NATSKV001")]
public interface INatsTransport : IAsyncDisposable, IDisposable
{
    /// <summary>What the connected server said of itself; the last one's while disconnected; <see langword="null"/> before the first.</summary>
    NatsKvServerInfo? Server { get; }

    /// <summary>
    /// How many connections have been made so far: 0 before the first, and one more after each reconnect. Who has been handed a message never
    /// reads the number of a connection before that message's.
    /// </summary>
    long Epoch { get; }

    /// <summary>Waits until <see cref="Epoch"/> is another than <paramref name="epoch"/>.</summary>
    /// <param name="epoch">The epoch that the caller knows.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The new epoch.</returns>
    ValueTask<long> WaitForEpochAsync(long epoch, CancellationToken cancellationToken);

    /// <summary>Sends a message to which no reply is expected.</summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Completes when the message has been handed to the connection.</returns>
    ValueTask PublishAsync(NatsOutgoingMessage message, CancellationToken cancellationToken);

    /// <summary>Sends a message, and hands its one reply over where it arrives. Never throws: what goes wrong is told to the handler.</summary>
    /// <param name="message">The message; its bytes are the caller's again when the handler has been called.</param>
    /// <param name="handler">Told of the outcome. A server without anybody to answer replies with status 503.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    void BeginRequest(in NatsOutgoingMessage message, INatsReplyHandler handler, CancellationToken cancellationToken);

    /// <summary>
    /// Sends a message and waits for one reply, for callers that can't await: blocks the calling thread on an event, whatever its
    /// synchronization context. With a transport that has a thread of its own it works on a starved thread pool, and must not be called on
    /// that thread.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The reply, which the caller disposes.</returns>
    NatsMessage Request(NatsOutgoingMessage message, CancellationToken cancellationToken);

    /// <summary>Sends a message to which several replies are expected, and takes them in on the shared inbox.</summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Gives up waiting for the connection.</param>
    /// <returns>The replies; the caller knows which is the last, and disposes.</returns>
    ValueTask<INatsInbox> RequestManyAsync(NatsOutgoingMessage message, CancellationToken cancellationToken);

    /// <summary>Subscribes to a new subject of its own that nobody else knows; the subscription is made again after a reconnect.</summary>
    /// <param name="maxPendingBytes">How many bytes may wait to be read before the inbox overflows.</param>
    /// <param name="cancellationToken">Gives up waiting for the connection.</param>
    /// <returns>The inbox; its <see cref="INatsInbox.Subject"/> is what others send to.</returns>
    ValueTask<INatsInbox> SubscribeAsync(int maxPendingBytes, CancellationToken cancellationToken);

    /// <summary>Waits until the server has processed everything sent before.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Completes with the server's answer.</returns>
    ValueTask FlushAsync(CancellationToken cancellationToken);
}
