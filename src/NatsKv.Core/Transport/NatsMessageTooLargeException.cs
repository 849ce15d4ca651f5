using System.Diagnostics.CodeAnalysis;

namespace NatsKv.Transport;

/// <summary>A message was not sent, because the connected server takes none that large: it would have closed the connection.</summary>
[Experimental("NATSKV001")]
public sealed class NatsMessageTooLargeException : NatsKvException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="subject">Where the message was to go.</param>
    /// <param name="size">Its size in bytes, headers included.</param>
    /// <param name="limit">The most that the server takes, in bytes.</param>
    public NatsMessageTooLargeException(NatsSubject subject, long size, long limit)
        : base($"The message to '{subject}' takes {size} bytes with its headers; the server takes {limit}. Send less, or raise the server's max_payload.")
    {
        Size = size;
        Limit = limit;
    }

    /// <summary>The message's size in bytes, headers included.</summary>
    public long Size { get; }

    /// <summary>The most that the server takes, in bytes.</summary>
    public long Limit { get; }

    /// <summary>Refuses a message that the server doesn't take.</summary>
    /// <param name="message">The message.</param>
    /// <param name="limit">The most that the server takes, in bytes.</param>
    /// <exception cref="NatsMessageTooLargeException">It is larger.</exception>
    public static void ThrowIfLarger(in NatsOutgoingMessage message, long limit)
    {
        long size = message.Headers.Length + message.Payload.Length;
        if (size > limit)
        {
            throw new NatsMessageTooLargeException(message.Subject, size, limit);
        }
    }
}
