using System.Buffers;
using NatsKv.Wire;

namespace NatsKv.Connection;

/// <summary>
/// What waits to be sent on one link. Callers append frames under a lock and go on; whoever sends takes everything that has gathered, so that
/// a burst of small frames costs one system call. There is one sender at a time:
/// </summary>
/// <remarks>
/// the reading thread, at the end of its batch, for everything that was appended on it; a caller that finds itself alone, because waking
/// another thread would take longer than sending; and else the writer thread. The first two send only what the socket takes at once, so a
/// server that doesn't read holds up the writer thread and nobody else, until callers find the box full and wait for room.
/// </remarks>
internal sealed class Outbox(ServerLink link)
{
    private const int InitialSize = 32 * 1024;
    private const int KeptSize = 1024 * 1024;
    private const int FullSize = 16 * 1024 * 1024;
    private const int MostSentInline = 256 * 1024;

    private static readonly TimeSpan RestPatience = TimeSpan.FromMilliseconds(50);

    private readonly object _gate = new();
    private readonly Queue<RequestToken?> _pongs = new();
    private FrameBuffer _filling = new(InitialSize);
    private FrameBuffer _spare = new(InitialSize);
    private TaskCompletionSource? _room;
    private bool _isSending;
    private bool _writerWaits;
    private bool _restWaits;
    private bool _closed;

    /// <summary>Whether so much waits that callers should wait for <see cref="WaitForRoomAsync"/> first.</summary>
    public bool IsFull => Volatile.Read(ref _filling).WrittenCount > FullSize;

    /// <summary>Lets <paramref name="write"/> append frames.</summary>
    /// <param name="state">Handed to <paramref name="write"/>.</param>
    /// <param name="write">Appends.</param>
    /// <param name="willFlush">Whether the caller calls <see cref="TryFlush"/> next.</param>
    /// <returns><see langword="false"/> when the link has closed and nothing was appended.</returns>
    public bool TryAppend<TState>(TState state, Action<IBufferWriter<byte>, TState> write, bool willFlush = false)
        where TState : allows ref struct
    {
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            write(_filling, state);
            if (!willFlush && !IsFlushedByReader())
            {
                WakeWriter();
            }

            return true;
        }
    }

    /// <summary>Appends a PING, whose PONG answers <paramref name="request"/>, or nobody.</summary>
    public bool TryAppendPing(RequestToken? request)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            _pongs.Enqueue(request);
            _filling.Write(FrameWriter.Ping);
            if (!IsFlushedByReader())
            {
                WakeWriter();
            }

            return true;
        }
    }

    /// <summary>Which request a PONG answers; the oldest of those that wait.</summary>
    public RequestToken? TakePing()
    {
        lock (_gate)
        {
            return _pongs.TryDequeue(out RequestToken? oldest) ? oldest : null;
        }
    }

    /// <summary>Completes when there is room again, or the link has closed.</summary>
    public Task WaitForRoomAsync()
    {
        lock (_gate)
        {
            return _closed || _filling.WrittenCount <= FullSize
                ? Task.CompletedTask
                : (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Sends on the calling thread what waits, if the socket takes it at once; else leaves it to the writer thread.</summary>
    public void TryFlush()
    {
        FrameBuffer batch;
        lock (_gate)
        {
            if (_closed || _isSending || _filling.WrittenCount == 0)
            {
                // Whoever is sending looks again when it is done.
                return;
            }

            if (_filling.WrittenCount > MostSentInline || !link.CanWrite)
            {
                WakeWriter();
                return;
            }

            batch = Take();
        }

        link.Write(batch.WrittenSpan);
        lock (_gate)
        {
            GiveBack(batch);
            if (_filling.WrittenCount > 0)
            {
                WakeWriter();
            }
        }
    }

    /// <summary>Sends what comes in, on the writer thread, until the box is closed or the link fails.</summary>
    public void SendUntilClosed()
    {
        while (WaitForBatch(out TaskCompletionSource? room) is { } batch)
        {
            room?.TrySetResult();
            link.Write(batch.WrittenSpan);
            lock (_gate)
            {
                GiveBack(batch);
            }
        }
    }

    /// <summary>Sends on the calling thread what waits, as far as the socket takes it at once; nothing can be sent after it.</summary>
    public void SendRest()
    {
        FrameBuffer batch;
        lock (_gate)
        {
            // Whoever is sending just now gets a moment to end: half a frame, and ours behind it, would be no use.
            _restWaits = true;
            while (_isSending && Monitor.Wait(_gate, RestPatience))
            {
            }

            if (_closed || _isSending || _filling.WrittenCount == 0)
            {
                return;
            }

            _closed = true;
            batch = Take();
        }

        link.WriteAtOnce(batch.WrittenSpan);
    }

    /// <summary>Ends sending; what was not sent is dropped, whoever waits is released.</summary>
    public void Close()
    {
        TaskCompletionSource? room;
        lock (_gate)
        {
            _closed = true;
            room = _room;
            _room = null;
            WakeWriter();
        }

        room?.TrySetResult();
    }

    // What the reading thread appends, it sends itself when it is through with its batch.
    private bool IsFlushedByReader() => ReaderThread.Current is { } reader && ReferenceEquals(reader.Crew.Session?.Outbox, this);

    private FrameBuffer? WaitForBatch(out TaskCompletionSource? room)
    {
        lock (_gate)
        {
            while (!_closed && (_filling.WrittenCount == 0 || _isSending))
            {
                _writerWaits = true;
                Monitor.Wait(_gate);
            }

            room = _room;
            _room = null;
            return _closed ? null : Take();
        }
    }

    private FrameBuffer Take()
    {
        FrameBuffer batch = _filling;
        _filling = _spare;
        _isSending = true;
        return batch;
    }

    private void GiveBack(FrameBuffer batch)
    {
        batch.Reset(KeptSize);
        _spare = batch;
        _isSending = false;
        if (_restWaits)
        {
            Monitor.PulseAll(_gate);
        }
    }

    private void WakeWriter()
    {
        if (_writerWaits && (_closed || !_isSending))
        {
            _writerWaits = false;
            Monitor.PulseAll(_gate);
        }
    }
}
