using System.Text;

namespace NatsKv;

/// <summary>One revision of one key, with its value.</summary>
public sealed class NatsKvEntry
{
    private readonly int _size;

    /// <summary>The bucket that holds the key.</summary>
    public required string Bucket { get; init; }

    /// <summary>The key.</summary>
    public required string Key { get; init; }

    /// <summary>The stored bytes; empty for a delete or purge marker and for an empty value (tell them apart by <see cref="Operation"/>).</summary>
    public ReadOnlyMemory<byte> Value { get; init; }

    /// <summary>The bucket-wide sequence number that the server gave to this revision; it only grows.</summary>
    public required ulong Revision { get; init; }

    /// <summary>When the server stored this revision, by the server's clock.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>In a watch: how many matching entries were still to come when this one was sent. 0 for a read.</summary>
    public ulong Delta { get; init; }

    /// <summary>The value's length in bytes, also when a watch with <see cref="NatsKvWatchOptions.HeadersOnly"/> left the value itself out.</summary>
    public int Size { get => Math.Max(_size, Value.Length); init => _size = value; }

    /// <summary>Whether this revision stores a value or marks its removal.</summary>
    public NatsKvOperation Operation { get; init; }

    /// <summary>The value decoded as UTF-8.</summary>
    /// <returns>The text; an empty string for an empty value or a marker.</returns>
    public string GetString() => Encoding.UTF8.GetString(Value.Span);

    /// <inheritdoc/>
    public override string ToString() => $"{Bucket}/{Key} @{Revision} {Operation} ({Size} bytes)";
}
