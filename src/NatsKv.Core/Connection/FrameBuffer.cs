using System.Buffers;

namespace NatsKv.Connection;

/// <summary>A growing buffer of frames that can be emptied and used again.</summary>
internal sealed class FrameBuffer(int initialSize) : IBufferWriter<byte>
{
    private byte[] _bytes = new byte[initialSize];
    private volatile int _length;
    private ShrinkPolicy _shrink;

    public int WrittenCount => _length;

    public ReadOnlySpan<byte> WrittenSpan => _bytes.AsSpan(0, _length);

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return _bytes.AsSpan(_length);
    }

    /// <summary>Empties the buffer; memory beyond <paramref name="keptSize"/> that a burst has made it take is given back by and by.</summary>
    public void Reset(int keptSize)
    {
        bool shrinks = _shrink.ShouldShrink(_length, _bytes.Length, keptSize);
        _length = 0;
        if (shrinks)
        {
            _bytes = new byte[initialSize];
        }
    }

    private void EnsureRoom(int sizeHint)
    {
        int needed = checked(_length + Math.Max(sizeHint, 1));
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Math.Max((long)needed, _bytes.Length * 2L), Array.MaxLength));
        }
    }
}
