using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace NatsKv.Transport;

/// <summary>A message to send.</summary>
/// <param name="Subject">Where to.</param>
/// <param name="Headers">The header block from <c>NATS/1.0</c> to the empty line, or nothing.</param>
/// <param name="Payload">The body.</param>
/// <remarks>The bytes are the caller's again when the operation that takes the message has completed.</remarks>
[Experimental("NATSKV001")]
public readonly record struct NatsOutgoingMessage(NatsSubject Subject, ReadOnlyMemory<byte> Headers, ReadOnlySequence<byte> Payload)
{
    /// <summary>How long its answer may take, a wait for the connection included.</summary>
    /// <value>The default is zero: as long as the connection lets a request take, <see cref="NatsKvConnectionSettings.RequestTimeout"/>.</value>
    public TimeSpan Timeout { get; init; }

    /// <summary>A message without headers.</summary>
    /// <param name="subject">Where to.</param>
    /// <param name="payload">The body.</param>
    public NatsOutgoingMessage(NatsSubject subject, ReadOnlyMemory<byte> payload = default)
        : this(subject, default, new ReadOnlySequence<byte>(payload))
    {
    }
}
