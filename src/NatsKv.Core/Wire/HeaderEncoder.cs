using System.Buffers.Text;
using System.Text;

namespace NatsKv.Wire;

/// <summary>Builds a header block in a caller's buffer. The protocol's own headers are added as bytes, users' were validated before.</summary>
internal ref struct HeaderEncoder
{
    private readonly Span<byte> _buffer;
    private int _length;

    public HeaderEncoder(Span<byte> buffer)
    {
        _buffer = buffer;
        _length = 0;
        Append("NATS/1.0\r\n"u8);
    }

    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Append(name);
        Append(": "u8);
        Append(value);
        Append("\r\n"u8);
    }

    public void Add(ReadOnlySpan<byte> name, ulong number, ReadOnlySpan<byte> unit = default)
    {
        Append(name);
        Append(": "u8);
        Utf8Formatter.TryFormat(number, _buffer[_length..], out int written);
        _length += written;
        Append(unit);
        Append("\r\n"u8);
    }

    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> prefix, ulong number)
    {
        Append(name);
        Append(": "u8);
        Append(prefix);
        Utf8Formatter.TryFormat(number, _buffer[_length..], out int written);
        _length += written;
        Append("\r\n"u8);
    }

    public void Add(string name, string value)
    {
        _length += Encoding.UTF8.GetBytes(name, _buffer[_length..]);
        Append(": "u8);
        _length += Encoding.UTF8.GetBytes(value, _buffer[_length..]);
        Append("\r\n"u8);
    }

    /// <summary>Closes the block.</summary>
    /// <returns>Its length.</returns>
    public int Complete()
    {
        Append("\r\n"u8);
        return _length;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer[_length..]);
        _length += bytes.Length;
    }
}
