using NatsKv.Wire;

namespace NatsKv.Connection;

/// <summary>Fills a buffer from a link and hands out the frames in it.</summary>
internal sealed class FrameReader(ServerLink link)
{
    private const int NormalSize = 128 * 1024;

    private byte[] _buffer = new byte[NormalSize];
    private int _start;
    private int _end;
    private int _wanted;
    private ShrinkPolicy _shrink;

    /// <summary>Takes the next whole frame; its parts are valid until the next call to <see cref="Fill"/>.</summary>
    public bool TryRead(out Frame frame)
    {
        if (FrameParser.TryParse(_buffer.AsSpan(_start, _end - _start), out frame, out int length))
        {
            _start += length;
            return true;
        }

        _wanted = length;
        return false;
    }

    /// <summary>Waits for more bytes.</summary>
    /// <returns><see langword="false"/> when the other side has closed.</returns>
    public bool Fill()
    {
        MakeRoom();
        int read = link.Read(_buffer.AsSpan(_end));
        _end += read;
        return read > 0;
    }

    private void MakeRoom()
    {
        int kept = _end - _start;
        int needed = Math.Max(_wanted, kept + 1);
        if (_shrink.ShouldShrink(needed, _buffer.Length, NormalSize) || needed > _buffer.Length)
        {
            // A large frame makes the buffer grow, once to its announced size.
            byte[] other = new byte[Math.Max(NormalSize, Math.Max(needed, _wanted == 0 ? kept * 2 : 0))];
            _buffer.AsSpan(_start, kept).CopyTo(other);
            _buffer = other;
        }
        else if (_start > 0)
        {
            _buffer.AsSpan(_start, kept).CopyTo(_buffer);
        }

        _start = 0;
        _end = kept;
    }
}
