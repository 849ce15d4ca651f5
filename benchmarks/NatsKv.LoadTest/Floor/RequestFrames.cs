using System.Text;

namespace NatsKv.LoadTest.Floor;

/// <summary>
/// The requests of a row as they stand on the wire, made beforehand, in a ring. Each asks for a reply to the inbox and its own number, as
/// long as the client's own tokens.
/// </summary>
internal sealed class RequestFrames
{
    // Larger values are sent from one place for all keys, behind each frame's line: a ring of them would come from memory, not from the cache.
    private const int MostCopied = 4096;

    private readonly byte[] _bytes;
    private readonly int[] _starts;
    private readonly ArraySegment<byte>? _sharedEnd;
    private readonly List<ArraySegment<byte>> _segments = [];

    private RequestFrames(byte[] bytes, int[] starts, ArraySegment<byte>? sharedEnd)
    {
        _bytes = bytes;
        _starts = starts;
        _sharedEnd = sharedEnd;
    }

    public int Count => _starts.Length - 1;

    /// <summary>Publishes to each subject, with a payload and perhaps headers.</summary>
    public static RequestFrames Create(string inbox, IReadOnlyList<string> subjects, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload)
    {
        bool isShared = payload.Length > MostCopied;
        var bytes = new MemoryStream();
        int[] starts = new int[subjects.Count + 1];
        for (int i = 0; i < subjects.Count; i++)
        {
            string sizes = headers.IsEmpty ? $"{payload.Length}" : $"{headers.Length} {headers.Length + payload.Length}";
            bytes.Write(Encoding.ASCII.GetBytes($"{(headers.IsEmpty ? "PUB" : "HPUB")} {subjects[i]} {inbox}.{RawLink.Token(i)} {sizes}\r\n"));
            bytes.Write(headers);
            if (!isShared)
            {
                bytes.Write(payload);
                bytes.Write("\r\n"u8);
            }

            starts[i + 1] = (int)bytes.Length;
        }

        ArraySegment<byte>? sharedEnd = null;
        if (isShared)
        {
            sharedEnd = new ArraySegment<byte>([.. payload, .. "\r\n"u8]);
        }

        return new RequestFrames(bytes.ToArray(), starts, sharedEnd);
    }

    /// <summary>One frame, for those that send single ones.</summary>
    public ReadOnlySpan<byte> this[int index] => _sharedEnd is null
        ? _bytes.AsSpan(_starts[index].._starts[index + 1])
        : throw new InvalidOperationException("Frames with large values are not kept in one piece.");

    /// <summary>Sends some frames of the ring, with one call unless the ring's end lies between them.</summary>
    /// <returns>The index behind them.</returns>
    public int Send(RawLink link, int first, int count)
    {
        while (count > 0)
        {
            int part = Math.Min(count, Count - first);
            if (_sharedEnd is { } end)
            {
                SendGathered(link, first, part, end);
            }
            else
            {
                link.Send(_bytes.AsSpan(_starts[first].._starts[first + part]));
            }

            count -= part;
            first = (first + part) % Count;
        }

        return first;
    }

    private void SendGathered(RawLink link, int first, int count, ArraySegment<byte> end)
    {
        _segments.Clear();
        for (int i = first; i < first + count; i++)
        {
            _segments.Add(new ArraySegment<byte>(_bytes, _starts[i], _starts[i + 1] - _starts[i]));
            _segments.Add(end);
        }

        link.Send(_segments);
    }
}
