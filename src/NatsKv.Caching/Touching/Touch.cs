using System.Buffers;

namespace NatsKv.Caching.Touching;

/// <summary>
/// A conditional write of a value that was just read, which begins its sliding window anew. It has a pooled copy of the value, to be given
/// back once.
/// </summary>
internal sealed class Touch(string key, ReadOnlySpan<byte> value, NatsKvWriteOptions options)
{
    private readonly int _length = value.Length;
    private byte[]? _buffer = Copy(value);

    /// <summary>The key in the bucket.</summary>
    public string Key { get; } = key;

    /// <summary>The revision that was read, on which the write depends.</summary>
    public ulong? Revision => Options.ExpectedRevision;

    /// <summary>The expected revision, the windows, the TTL.</summary>
    public NatsKvWriteOptions Options { get; } = options;

    /// <summary>The value.</summary>
    public ReadOnlySequence<byte> Value => new(_buffer ?? [], 0, _length);

    /// <summary>Gives the buffer back. Afterwards there is no value any more.</summary>
    public void Release()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { Length: > 0 } buffer)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Copy(ReadOnlySpan<byte> value)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(value.Length);
        value.CopyTo(buffer);
        return buffer;
    }
}
