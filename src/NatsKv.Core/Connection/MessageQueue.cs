using System.Buffers;
using System.Runtime.InteropServices;
using NatsKv.Transport;

namespace NatsKv.Connection;

/// <summary>
/// Messages one behind the other in pooled chunks, so that a hundred thousand small ones cost neither a hundred thousand buffers nor much
/// more memory than their bytes. Not thread-safe.
/// </summary>
internal sealed class MessageQueue
{
    private const int ChunkSize = 64 * 1024;
    private const int LengthsSize = 4 * sizeof(int);

    private readonly Queue<byte[]> _full = new();
    private byte[]? _reading;
    private byte[]? _writing;
    private int _readAt;
    private int _writeAt;
    private int _count;

    /// <summary>The bytes that wait, without what the queue adds.</summary>
    public long Bytes { get; private set; }

    public bool IsEmpty => _count == 0;

    public void Enqueue(ReadOnlySpan<byte> subject, ReadOnlySpan<byte> replyTo, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload)
    {
        int length = subject.Length + replyTo.Length + headers.Length + payload.Length;
        Span<byte> span = Reserve(LengthsSize + length);
        Span<int> lengths = MemoryMarshal.Cast<byte, int>(span[..LengthsSize]);
        lengths[0] = subject.Length;
        lengths[1] = replyTo.Length;
        lengths[2] = headers.Length;
        lengths[3] = payload.Length;
        span = span[LengthsSize..];
        subject.CopyTo(span);
        replyTo.CopyTo(span[subject.Length..]);
        headers.CopyTo(span[(subject.Length + replyTo.Length)..]);
        payload.CopyTo(span[(subject.Length + replyTo.Length + headers.Length)..]);
        Bytes += length;
        _count++;
    }

    /// <summary>Takes the oldest message; its bytes stay valid until the next call.</summary>
    public bool TryDequeue(out NatsMessage message)
    {
        if (_count == 0)
        {
            message = default;
            return false;
        }

        // A chunk ends where a message's lengths would be negative, which Reserve marks, or where nothing more fits.
        if (_reading is null || EndsAt(_reading, _readAt))
        {
            Recycle(_reading);
            _reading = _full.Count > 0 ? _full.Dequeue() : _writing;
            _readAt = 0;
        }

        ReadOnlySpan<int> lengths = MemoryMarshal.Cast<byte, int>(_reading.AsSpan(_readAt, LengthsSize));
        int length = lengths[0] + lengths[1] + lengths[2] + lengths[3];
        message = new NatsMessage(_reading!, _readAt + LengthsSize, lengths[0], lengths[1], lengths[2], lengths[3]);
        _readAt = Align(_readAt + LengthsSize + length);
        Bytes -= length;
        _count--;
        return true;
    }

    public void Clear()
    {
        Recycle(_reading);
        while (_full.TryDequeue(out byte[]? chunk))
        {
            Recycle(chunk);
        }

        byte[]? last = _writing;
        (_reading, _writing, _readAt, _writeAt, _count, Bytes) = (null, null, 0, 0, 0, 0);
        Recycle(last);
    }

    private static bool EndsAt(byte[] chunk, int at) =>
        at + LengthsSize > chunk.Length || MemoryMarshal.Read<int>(chunk.AsSpan(at)) < 0;

    private static int Align(int position) => (position + 3) & ~3;

    private Span<byte> Reserve(int size)
    {
        if (_writing is null || _writeAt + size > _writing.Length)
        {
            if (_writing is not null)
            {
                MarkEnd(_writing, _writeAt);
                if (!ReferenceEquals(_writing, _reading))
                {
                    _full.Enqueue(_writing);
                }
            }

            _writing = ArrayPool<byte>.Shared.Rent(Math.Max(size, ChunkSize));
            _writeAt = 0;
        }

        Span<byte> reserved = _writing.AsSpan(_writeAt, size);
        _writeAt = Align(_writeAt + size);
        return reserved;
    }

    private static void MarkEnd(byte[] chunk, int at)
    {
        if (at + LengthsSize <= chunk.Length)
        {
            MemoryMarshal.Write(chunk.AsSpan(at), -1);
        }
    }

    // The chunk that is being written is never given back: its reader will come to it.
    private void Recycle(byte[]? chunk)
    {
        if (chunk is not null && !ReferenceEquals(chunk, _writing))
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }
}
