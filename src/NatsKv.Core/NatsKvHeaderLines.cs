namespace NatsKv;

/// <summary>Walks through the headers of a block, in order; lines that are no headers are passed over.</summary>
public ref struct NatsKvHeaderLines
{
    private ReadOnlySpan<byte> _rest;
    private ReadOnlySpan<byte> _name;
    private ReadOnlySpan<byte> _value;

    internal NatsKvHeaderLines(ReadOnlySpan<byte> block)
    {
        int firstEnd = block.IndexOf("\r\n"u8);
        _rest = firstEnd < 0 ? default : block[(firstEnd + 2)..];
    }

    /// <summary>The header it stands on.</summary>
    public readonly NatsKvHeaderLine Current => new(_name, _value);

    /// <summary>Goes to the next header.</summary>
    /// <returns>Whether there is one.</returns>
    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            int end = _rest.IndexOf("\r\n"u8);
            ReadOnlySpan<byte> line = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? default : _rest[(end + 2)..];
            int colon = line.IndexOf((byte)':');
            if (colon > 0)
            {
                _name = line[..colon];
                _value = line[(colon + 1)..].Trim((byte)' ');
                return true;
            }
        }

        return false;
    }
}
