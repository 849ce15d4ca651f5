namespace NatsKv;

/// <summary>
/// A revision of a key as it arrived, without copies: valid only inside the call that hands it out, because the bytes belong to a buffer
/// of the connection.
/// </summary>
public readonly ref struct NatsKvEntryView
{
    private readonly int _size;

    /// <summary>The bucket that holds the key.</summary>
    public required string Bucket { get; init; }

    /// <summary>The key.</summary>
    public required string Key { get; init; }

    /// <summary>The stored bytes; empty for a marker.</summary>
    public ReadOnlySpan<byte> Value { get; init; }

    /// <summary>The headers that were stored with the value, and those that the server added.</summary>
    public NatsKvHeaderBlock Headers { get; init; }

    /// <inheritdoc cref="NatsKvEntry.Revision"/>
    public required ulong Revision { get; init; }

    /// <inheritdoc cref="NatsKvEntry.Created"/>
    public required DateTimeOffset Created { get; init; }

    /// <inheritdoc cref="NatsKvEntry.Delta"/>
    public ulong Delta { get; init; }

    /// <inheritdoc cref="NatsKvEntry.Size"/>
    public int Size { get => Math.Max(_size, Value.Length); init => _size = value; }

    /// <inheritdoc cref="NatsKvEntry.Operation"/>
    public NatsKvOperation Operation { get; init; }

    /// <summary>Copies the view into an entry that can be kept.</summary>
    /// <returns>An entry with a copy of the value.</returns>
    public NatsKvEntry ToEntry() => new()
    {
        Bucket = Bucket,
        Key = Key,
        Value = Value.IsEmpty ? ReadOnlyMemory<byte>.Empty : Value.ToArray(),
        Revision = Revision,
        Created = Created,
        Delta = Delta,
        Size = _size,
        Operation = Operation,
    };
}
