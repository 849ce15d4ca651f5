using System.Buffers;

namespace NatsKv.Caching.Tests.Contract;

/// <summary>A writer that takes so much and then throws, as the hybrid cache's does.</summary>
public sealed class QuotaWriter(int quota) : IBufferWriter<byte>
{
    private readonly ArrayBufferWriter<byte> _inner = new();

    public ReadOnlySpan<byte> Written => _inner.WrittenSpan;

    public void Advance(int count)
    {
        if (_inner.WrittenCount + count > quota)
        {
            throw new InvalidOperationException("Too much.");
        }

        _inner.Advance(count);
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => _inner.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => _inner.GetSpan(sizeHint);
}
