using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace NatsKv.Transport;

/// <summary>A message that arrived. A reply leases a pooled buffer: dispose it once, and use nothing of it afterwards.</summary>
[Experimental("NATSKV001")]
public readonly struct NatsMessage : IDisposable
{
    private readonly byte[]? _buffer;
    private readonly IDisposable? _lease;
    private readonly bool _pooled;
    private readonly int _offset;
    private readonly int _subjectLength;
    private readonly int _replyToLength;
    private readonly int _headersLength;
    private readonly int _payloadLength;

    /// <summary>Describes a message whose parts stand one behind the other: subject, reply subject, headers, payload.</summary>
    /// <param name="buffer">Holds the parts.</param>
    /// <param name="offset">Where the subject begins.</param>
    /// <param name="subjectLength">Length of the subject in bytes.</param>
    /// <param name="replyToLength">Length of the reply subject in bytes.</param>
    /// <param name="headersLength">Length of the header block in bytes.</param>
    /// <param name="payloadLength">Length of the payload in bytes.</param>
    /// <param name="pooled">Whether <paramref name="buffer"/> goes back to the shared array pool on disposal.</param>
    /// <param name="lease">Disposed with the message, for buffers that belong to something else.</param>
    public NatsMessage(
        byte[] buffer,
        int offset,
        int subjectLength,
        int replyToLength,
        int headersLength,
        int payloadLength,
        bool pooled = false,
        IDisposable? lease = null)
    {
        _buffer = buffer;
        _offset = offset;
        _subjectLength = subjectLength;
        _replyToLength = replyToLength;
        _headersLength = headersLength;
        _payloadLength = payloadLength;
        _pooled = pooled;
        _lease = lease;
    }

    /// <summary>The subject it was sent to; a single reply, whose request is known, may leave it empty.</summary>
    public ReadOnlySpan<byte> Subject => new(_buffer, _offset, _subjectLength);

    /// <summary>The subject for an answer; empty if none is wanted.</summary>
    public ReadOnlySpan<byte> ReplyTo => new(_buffer, _offset + _subjectLength, _replyToLength);

    /// <summary>The header block, from <c>NATS/1.0</c> to the empty line; empty if there is none.</summary>
    public NatsKvHeaderBlock Headers => new(new ReadOnlySpan<byte>(_buffer, _offset + _subjectLength + _replyToLength, _headersLength));

    /// <summary>The body.</summary>
    public ReadOnlyMemory<byte> Payload => new(_buffer, _offset + _subjectLength + _replyToLength + _headersLength, _payloadLength);

    /// <summary>The message as a reply is seen where it arrives.</summary>
    /// <returns>A view, valid until the message is disposed.</returns>
    public NatsReply AsReply() => new(Headers.Bytes, Payload.Span);

    /// <summary>Gives the buffer back.</summary>
    public void Dispose()
    {
        if (_pooled)
        {
            ArrayPool<byte>.Shared.Return(_buffer!);
        }

        _lease?.Dispose();
    }
}
