using System.Diagnostics.CodeAnalysis;

namespace NatsKv.Transport;

/// <summary>
/// A reply as it arrived, without copies: valid only inside the call that hands it out, because the bytes belong to a buffer of the
/// connection.
/// </summary>
[Experimental("NATSKV001")]
public readonly ref struct NatsReply
{
    /// <summary>Wraps the parts of a reply.</summary>
    /// <param name="headers">The header block from <c>NATS/1.0</c> to the empty line, or nothing.</param>
    /// <param name="payload">The body.</param>
    public NatsReply(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload)
    {
        Headers = new NatsKvHeaderBlock(headers);
        Payload = payload;
    }

    /// <summary>The header block; empty if there is none.</summary>
    public NatsKvHeaderBlock Headers { get; }

    /// <summary>The body.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Copies the reply into a pooled buffer.</summary>
    /// <returns>A message that can be kept, and is to be disposed.</returns>
    public NatsMessage ToMessage()
    {
        ReadOnlySpan<byte> headers = Headers.Bytes;
        byte[] buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(headers.Length + Payload.Length);
        headers.CopyTo(buffer);
        Payload.CopyTo(buffer.AsSpan(headers.Length));
        return new NatsMessage(buffer, 0, 0, 0, headers.Length, Payload.Length, pooled: true);
    }
}
