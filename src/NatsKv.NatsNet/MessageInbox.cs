using System.Buffers;
using System.Threading.Tasks.Sources;
using NATS.Client.Core;
using NatsKv.Transport;

namespace NatsKv.NatsNet;

/// <summary>Messages that wait for their one reader, within a budget of bytes. The reader is woken on the thread pool.</summary>
internal sealed class MessageInbox(string subject, int budget, Action<MessageInbox> onDisposed) : INatsInbox, IMessageSink, IValueTaskSource<bool>
{
    private readonly Lock _gate = new();
    private readonly Queue<QueuedMessage> _queue = new();
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _cancellationToken;
    private QueuedMessage? _handedOut;
    private Exception? _error;
    private long _bytes;
    private bool _waiting;
    private bool _closed;
    private bool _disposed;

    public string Subject { get; } = subject;

    public void Receive(string subject, string? replyTo, in ReadOnlySequence<byte> headers, in ReadOnlySequence<byte> payload)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            var message = new QueuedMessage(subject, replyTo, headers, payload);
            if (_bytes + message.Length > budget)
            {
                message.Recycle();
                _error = new NatsInboxOverflowException(Subject, budget);
                _closed = true;
            }
            else
            {
                _queue.Enqueue(message);
                _bytes += message.Length;
            }
        }

        Wake();
    }

    // By whom else than us: then this has no effect.
    public void End() => Close(new ObjectDisposedException(nameof(INatsConnection)));

    /// <summary>Takes in nothing more; the reader gets what there is and then the error.</summary>
    public void Close(Exception error)
    {
        lock (_gate)
        {
            if (!_closed)
            {
                _error = error;
                _closed = true;
            }
        }

        Wake();
    }

    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_queue.Count > 0)
            {
                return new ValueTask<bool>(true);
            }

            if (_closed)
            {
                return _error is null ? new ValueTask<bool>(false) : ValueTask.FromException<bool>(_error);
            }

            _core.Reset();
            _waiting = true;
        }

        if (cancellationToken.CanBeCanceled)
        {
            _cancellationToken = cancellationToken;
            _cancellation = cancellationToken.UnsafeRegister(static state => ((MessageInbox)state!).CancelWait(), this);
        }

        return new ValueTask<bool>(this, _core.Version);
    }

    public bool TryRead(out NatsMessage message)
    {
        lock (_gate)
        {
            _handedOut?.Recycle();
            _handedOut = null;
            if (!_queue.TryDequeue(out QueuedMessage next))
            {
                message = default;
                return false;
            }

            _handedOut = next;
            _bytes -= next.Length;
            message = next.ToMessage(pooled: false);
            return true;
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return default;
            }

            _disposed = true;
            _closed = true;
            _bytes = 0;
            _handedOut?.Recycle();
            _handedOut = null;
            while (_queue.TryDequeue(out QueuedMessage message))
            {
                message.Recycle();
            }
        }

        Wake();
        onDisposed(this);
        return default;
    }

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        _cancellation.Dispose();
        _cancellation = default;
        _core.GetResult(token);
        lock (_gate)
        {
            return _queue.Count > 0 || (_closed && _error is not null ? throw _error : !_closed);
        }
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);

    private void Wake()
    {
        if (StopWaiting())
        {
            _core.SetResult(true);
        }
    }

    private void CancelWait()
    {
        if (StopWaiting())
        {
            _core.SetException(new OperationCanceledException(_cancellationToken));
        }
    }

    // Whoever ends the wait decides its outcome.
    private bool StopWaiting()
    {
        lock (_gate)
        {
            bool waited = _waiting;
            _waiting = false;
            return waited;
        }
    }
}
