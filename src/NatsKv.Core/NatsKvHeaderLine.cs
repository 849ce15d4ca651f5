namespace NatsKv;

/// <summary>One header of a block.</summary>
public readonly ref struct NatsKvHeaderLine
{
    internal NatsKvHeaderLine(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Name = name;
        Value = value;
    }

    /// <summary>The name as it stands in the block.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The value without surrounding spaces.</summary>
    public ReadOnlySpan<byte> Value { get; }
}
