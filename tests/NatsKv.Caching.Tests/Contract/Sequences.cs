using System.Buffers;

namespace NatsKv.Caching.Tests.Contract;

/// <summary>The kinds of sequences that callers pass.</summary>
public static class Sequences
{
    public static ReadOnlySequence<byte> Make(byte[] value, string kind) => kind switch
    {
        "FullArray" => new ReadOnlySequence<byte>(value),
        "PaddedArray" => new ReadOnlySequence<byte>([.. Enumerable.Repeat((byte)0xEE, 7), .. value, 0xEE], 7, value.Length),
        "CustomMemory" => new ReadOnlySequence<byte>(new PlainMemory(value).Memory),
        "MultiSegment" => Segments(value),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static ReadOnlySequence<byte> Segments(byte[] value)
    {
        var first = new Segment(value.AsMemory(0, value.Length / 3), null);
        var empty = new Segment(default, first);
        var last = new Segment(value.AsMemory(value.Length / 3), empty);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
        {
            Memory = memory;
            if (previous is not null)
            {
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
                previous.Next = this;
            }
        }
    }

    /// <summary>Memory that is no array.</summary>
    private sealed class PlainMemory(byte[] value) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => value;

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin()
        {
        }

        protected override bool TryGetArray(out ArraySegment<byte> segment)
        {
            segment = default;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
