using NatsKv.Wire;

namespace NatsKv;

/// <summary>The headers of a message as they stand on the wire, decoded on demand.</summary>
public readonly ref struct NatsKvHeaderBlock
{
    /// <summary>Wraps a block.</summary>
    /// <param name="bytes">From <c>NATS/1.0</c> to the empty line, or nothing.</param>
    public NatsKvHeaderBlock(ReadOnlySpan<byte> bytes) => Bytes = bytes;

    /// <summary>The block from <c>NATS/1.0</c> to the empty line; empty if the message has no headers.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Finds a header; of several with the same name, the last, which is the one that the answering server added.</summary>
    /// <param name="name">The name, for example <c>"Nats-Sequence"u8</c>; letter case matters.</param>
    /// <param name="value">The value without surrounding spaces.</param>
    /// <returns>Whether there is such a header.</returns>
    public bool TryGet(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => HeaderDecoder.TryGetLast(Bytes, name, out value);

    /// <summary>Walks through the headers, in order.</summary>
    /// <returns>For <c>foreach</c>.</returns>
    public NatsKvHeaderLines GetEnumerator() => new(Bytes);
}
