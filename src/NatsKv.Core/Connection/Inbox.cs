using System.Threading.Tasks.Sources;
using NatsKv.Transport;

namespace NatsKv.Connection;

/// <summary>
/// Messages of one subscription, or of one request with many replies, waiting to be read. The connection's thread puts them in and, at the
/// end of each batch of received bytes, wakes the reader; one reader takes them out. The continuation is its reader's.
/// </summary>
internal sealed class Inbox : Continuation, INatsInbox, IValueTaskSource<bool>
{
    private readonly Lock _gate = new();
    private readonly int _budget;
    private readonly Action<Inbox> _onDisposed;
    private readonly MessageQueue _queue = new();
    private ManualResetValueTaskSourceCore<bool> _core;
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _cancellationToken;
    private Exception? _error;
    private bool _waiting;
    private bool _closed;
    private bool _disposed;

    public Inbox(string subject, long subscriptionId, int budget, Action<Inbox> onDisposed)
    {
        Subject = subject;
        SubscriptionId = subscriptionId;
        _budget = budget;
        _onDisposed = onDisposed;
    }

    public override bool IsOurs => true;

    public string Subject { get; }

    public long SubscriptionId { get; }

    /// <summary>Whether the connection's thread has put something in since it last woke the reader. Only that thread uses it.</summary>
    public bool IsTouched { get; set; }

    /// <summary>Puts a message in, on the connection's thread.</summary>
    public void Deliver(ReadOnlySpan<byte> subject, ReadOnlySpan<byte> replyTo, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            if (_queue.Bytes + subject.Length + replyTo.Length + headers.Length + payload.Length > _budget)
            {
                _error = new NatsInboxOverflowException(Subject, _budget);
                _closed = true;
                return;
            }

            _queue.Enqueue(subject, replyTo, headers, payload);
        }
    }

    /// <summary>Wakes the reader, by and by, if it waits for what there is.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            if (!_waiting || (_queue.IsEmpty && !_closed))
            {
                return;
            }

            _waiting = false;
        }

        Ready();
    }

    public override void Complete() => _core.SetResult(true);

    /// <summary>Takes in nothing more; the reader gets what there is and then the error.</summary>
    public void Close(Exception? error)
    {
        lock (_gate)
        {
            _error ??= error;
            _closed = true;
        }

        Wake();
    }

    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (!_queue.IsEmpty)
            {
                return new ValueTask<bool>(true);
            }

            if (_closed)
            {
                return _error is null ? new ValueTask<bool>(false) : ValueTask.FromException<bool>(_error);
            }

            _core.Reset();
            _core.RunContinuationsAsynchronously = false;
            _waiting = true;
        }

        if (cancellationToken.CanBeCanceled)
        {
            _cancellationToken = cancellationToken;
            _cancellation = cancellationToken.UnsafeRegister(static state => ((Inbox)state!).CancelWait(), this);
        }

        return new ValueTask<bool>(this, _core.Version);
    }

    public bool TryRead(out NatsMessage message)
    {
        lock (_gate)
        {
            return _queue.TryDequeue(out message);
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
            _queue.Clear();
        }

        Wake();
        _onDisposed(this);
        return default;
    }

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        _cancellation.Dispose();
        _cancellation = default;
        bool woken = _core.GetResult(token);
        lock (_gate)
        {
            return !_queue.IsEmpty || (_closed && _error is not null ? throw _error : !_closed && woken);
        }
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);

    private void CancelWait()
    {
        lock (_gate)
        {
            if (!_waiting)
            {
                return;
            }

            _waiting = false;
        }

        _core.RunContinuationsAsynchronously = true;
        _core.SetException(new OperationCanceledException(_cancellationToken));
    }
}
