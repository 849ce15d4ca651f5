namespace NatsKv.LoadTest.Floor;

/// <summary>A frame, looked at only as far as its borders need. Valid until the next receive.</summary>
internal readonly ref struct RawFrame(ReadOnlySpan<byte> line, ReadOnlySpan<byte> body)
{
    /// <summary>The control line without its end.</summary>
    public ReadOnlySpan<byte> Line { get; } = line;

    /// <summary>Headers and payload of a message.</summary>
    public ReadOnlySpan<byte> Body { get; } = body;

    public bool IsMessage => Line[0] is (byte)'M' or (byte)'H';

    public bool HasHeaders => Line[0] == (byte)'H';

    /// <summary>The subject of a message.</summary>
    public ReadOnlySpan<byte> Subject
    {
        get
        {
            ReadOnlySpan<byte> rest = Line[(Line.IndexOf((byte)' ') + 1)..];
            return rest[..rest.IndexOf((byte)' ')];
        }
    }

    /// <summary>The reply subject of a message with headers; empty if it has none.</summary>
    public ReadOnlySpan<byte> ReplyOfHeaderMessage
    {
        get
        {
            // HMSG <subject> <sid> [reply] <header size> <total size>
            ReadOnlySpan<byte> rest = Line[(Line.IndexOf((byte)' ') + 1)..];
            rest = rest[(rest.IndexOf((byte)' ') + 1)..];
            rest = rest[(rest.IndexOf((byte)' ') + 1)..];
            return rest.Count((byte)' ') == 2 ? rest[..rest.IndexOf((byte)' ')] : default;
        }
    }

    /// <summary>What stands behind the headers.</summary>
    public ReadOnlySpan<byte> Payload => HasHeaders ? Body[(Body.IndexOf("\r\n\r\n"u8) + 4)..] : Body;
}
