using System.Buffers;
using NatsKv.Wire;

namespace NatsKv.Connection;

/// <summary>
/// What waits to be sent on one link. Callers append frames under a lock and go on; the writer thread takes everything that has gathered
/// and sends it in one piece, so that a burst of small frames costs one system call. A server that doesn't read holds up the writer thread
/// and nobody else, until callers find the box full and wait for room.
/// </summary>
internal sealed class Outbox
{
    private const int InitialSize = 32 * 1024;
    private const int KeptSize = 1024 * 1024;
    private const int FullSize = 16 * 1024 * 1024;

    private readonly object _gate = new();
    private readonly Queue<(PendingRequest? Waiter, uint Generation)> _pongs = new();
    private FrameBuffer _filling = new(InitialSize);
    private FrameBuffer _sending = new(InitialSize);
    private TaskCompletionSource? _room;
    private bool _writerWaits;
    private bool _closed;

    /// <summary>Whether so much waits that callers should wait for <see cref="WaitForRoomAsync"/> first.</summary>
    public bool IsFull => Volatile.Read(ref _filling).WrittenCount > FullSize;

    /// <summary>Lets <paramref name="write"/> append frames.</summary>
    /// <returns><see langword="false"/> when the link has closed and nothing was appended.</returns>
    public bool TryAppend<TState>(TState state, Action<IBufferWriter<byte>, TState> write)
        where TState : allows ref struct
    {
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            write(_filling, state);
            WakeWriter();
            return true;
        }
    }

    /// <summary>Appends a PING; the PONG completes <paramref name="waiter"/>, or nothing if it is <see langword="null"/>.</summary>
    public bool TryAppendPing(PendingRequest? waiter)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            _pongs.Enqueue((waiter, waiter?.Generation ?? 0));
            _filling.Write(FrameWriter.Ping);
            WakeWriter();
            return true;
        }
    }

    /// <summary>The oldest unanswered PING has been answered.</summary>
    public void CompletePing()
    {
        PendingRequest? waiter;
        uint generation;
        lock (_gate)
        {
            (waiter, generation) = _pongs.TryDequeue(out var oldest) ? oldest : default;
        }

        waiter?.Complete(generation, default, default);
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

    /// <summary>Sends what comes in, on the writer thread, until the box is closed or the link fails.</summary>
    public void SendUntilClosed(ServerLink link)
    {
        while (TakeBatch() is { } batch)
        {
            link.Write(batch.WrittenSpan);
            batch.Reset(KeptSize);
        }
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

    private FrameBuffer? TakeBatch()
    {
        TaskCompletionSource? room;
        FrameBuffer batch;
        lock (_gate)
        {
            while (!_closed && _filling.WrittenCount == 0)
            {
                _writerWaits = true;
                Monitor.Wait(_gate);
            }

            if (_closed)
            {
                return null;
            }

            batch = _filling;
            _filling = _sending;
            _sending = batch;
            room = _room;
            _room = null;
        }

        room?.TrySetResult();
        return batch;
    }

    private void WakeWriter()
    {
        if (_writerWaits)
        {
            _writerWaits = false;
            Monitor.Pulse(_gate);
        }
    }
}
