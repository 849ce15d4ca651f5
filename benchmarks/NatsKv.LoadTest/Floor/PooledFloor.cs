using System.Diagnostics;
using System.Globalization;
using NatsKv.LoadTest.Measuring;

namespace NatsKv.LoadTest.Floor;

/// <summary>
/// The floor of rows whose callers compute or block after each reply: a small client with a reader thread of its own, whose replies continue
/// on the thread pool, as any client has to do whose callers must not hold each other up.
/// </summary>
internal sealed class PooledFloor : IFloor
{
    private readonly RawLink _link;
    private readonly RequestFrames _frames;
    private readonly ReplyRule _rule;
    private readonly Action _work;
    private readonly PooledReply[] _replies;
    private readonly Lock _gate = new();
    private readonly Thread _reader;
    private byte[] _gathering = new byte[256 * 1024];
    private byte[] _sending = new byte[256 * 1024];
    private int _gathered;
    private bool _isSending;
    private volatile bool _stopped;
    private volatile bool _disposed;

    public PooledFloor(RawLink link, RequestFrames frames, int callers, ReplyRule rule, Action work)
    {
        _link = link;
        _frames = frames;
        _rule = rule;
        _work = work;
        _replies = [.. Enumerable.Range(0, callers).Select(static _ => new PooledReply())];
        _link.AnswerPing = () => Send("PONG\r\n"u8);
        _reader = new Thread(Read) { IsBackground = true, Name = "floor reader" };
        _reader.Start();
    }

    public SliceCount Run(TimeSpan slice)
    {
        long begun = Stopwatch.GetTimestamp();
        _stopped = false;
        Task<long>[] callers = [.. Enumerable.Range(0, _replies.Length).Select(caller => Task.Run(() => CallAsync(caller)))];
        Thread.Sleep(slice);
        _stopped = true;
        Task.WaitAll(callers);
        return new SliceCount(callers.Sum(static caller => caller.Result), Stopwatch.GetElapsedTime(begun));
    }

    public void Dispose()
    {
        _disposed = true;
        _link.Dispose();
    }

    private async Task<long> CallAsync(int caller)
    {
        long done = 0;
        for (int frame = caller; !_stopped; frame = frame + _replies.Length < _frames.Count ? frame + _replies.Length : caller)
        {
            ValueTask<int> reply = _replies[caller].Begin();
            Send(_frames[frame]);
            int bytes = await reply;
            if (bytes < _rule.LeastBytes || bytes > _rule.MostBytes)
            {
                throw new InvalidOperationException($"An unexpected reply of {bytes} bytes.");
            }

            _work();
            done++;
        }

        return done;
    }

    // Whoever comes while somebody sends leaves his frame to him.
    private void Send(ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            frame.CopyTo(_gathering.AsSpan(_gathered));
            _gathered += frame.Length;
            if (_isSending)
            {
                return;
            }

            _isSending = true;
        }

        while (true)
        {
            int length;
            lock (_gate)
            {
                if (_gathered == 0)
                {
                    _isSending = false;
                    return;
                }

                (_gathering, _sending) = (_sending, _gathering);
                length = _gathered;
                _gathered = 0;
            }

            _link.Send(_sending.AsSpan(0, length));
        }
    }

    private void Read()
    {
        try
        {
            while (true)
            {
                _link.Receive();
                while (_link.TryNext(out RawFrame frame))
                {
                    if (frame.IsMessage)
                    {
                        int number = int.Parse(frame.Subject[(_link.Inbox.Length + 1)..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                        _replies[number % _replies.Length].Complete(frame.Body.Length);
                    }
                }
            }
        }
        catch (Exception) when (_disposed)
        {
            // The end of the link is the end of the thread.
        }
    }
}
