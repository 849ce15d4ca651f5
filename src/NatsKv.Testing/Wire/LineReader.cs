using System.Text;

namespace NatsKv.Testing.Wire;

/// <summary>Reads lines and counted bytes from a stream. Not for concurrent use.</summary>
internal sealed class LineReader(Stream stream)
{
    private const int LongestLine = 1 << 20;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    public async Task<string> ReadLineAsync(CancellationToken ct)
    {
        var line = new List<byte>();
        while (true)
        {
            if (_start == _end)
            {
                await FillAsync(ct).ConfigureAwait(false);
            }

            int newline = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            int take = newline < 0 ? _end - _start : newline;
            line.AddRange(_buffer.AsSpan(_start, take));
            _start += take;
            if (newline >= 0)
            {
                _start++;
                return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            }

            if (line.Count > LongestLine)
            {
                throw new InvalidDataException("The server sent a line without an end.");
            }
        }
    }

    public async Task<byte[]> ReadBytesAsync(int count, CancellationToken ct)
    {
        byte[] bytes = new byte[count];
        int buffered = Math.Min(count, _end - _start);
        _buffer.AsSpan(_start, buffered).CopyTo(bytes);
        _start += buffered;
        await stream.ReadExactlyAsync(bytes.AsMemory(buffered), ct).ConfigureAwait(false);
        return bytes;
    }

    private async Task FillAsync(CancellationToken ct)
    {
        _start = 0;
        _end = await stream.ReadAsync(_buffer, ct).ConfigureAwait(false);
        if (_end == 0)
        {
            throw new EndOfStreamException("The server closed the connection.");
        }
    }
}
