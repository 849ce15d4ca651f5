using System.Buffers;
using System.Text;
using NatsKv.Transport;

namespace NatsKv.NatsNet;

/// <summary>A message's own copy, in a pooled buffer.</summary>
internal readonly struct QueuedMessage
{
    private readonly byte[] _buffer;
    private readonly int _subjectLength;
    private readonly int _replyToLength;
    private readonly int _headersLength;
    private readonly int _payloadLength;

    public QueuedMessage(string subject, string? replyTo, in ReadOnlySequence<byte> headers, in ReadOnlySequence<byte> payload)
    {
        _headersLength = (int)headers.Length;
        _payloadLength = (int)payload.Length;
        _subjectLength = Encoding.UTF8.GetByteCount(subject);
        _replyToLength = replyTo is null ? 0 : Encoding.UTF8.GetByteCount(replyTo);
        _buffer = ArrayPool<byte>.Shared.Rent(Length);
        Encoding.UTF8.GetBytes(subject, _buffer);
        Encoding.UTF8.GetBytes(replyTo, _buffer.AsSpan(_subjectLength));
        headers.CopyTo(_buffer.AsSpan(_subjectLength + _replyToLength));
        payload.CopyTo(_buffer.AsSpan(_subjectLength + _replyToLength + _headersLength));
    }

    /// <summary>Its bytes, without what the buffer has to spare.</summary>
    public int Length => _subjectLength + _replyToLength + _headersLength + _payloadLength;

    /// <summary>The message; with <paramref name="pooled"/>, its holder gives the buffer back.</summary>
    public NatsMessage ToMessage(bool pooled) => new(_buffer, 0, _subjectLength, _replyToLength, _headersLength, _payloadLength, pooled);

    /// <summary>Gives the buffer back.</summary>
    public void Recycle() => ArrayPool<byte>.Shared.Return(_buffer);
}
