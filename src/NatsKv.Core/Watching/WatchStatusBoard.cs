namespace NatsKv.Watching;

/// <summary>How a watch stands, for everybody to read and to wait for. Written by the watch's loop, read by any thread.</summary>
internal sealed class WatchStatusBoard(string bucket)
{
    private readonly Lock _gate = new();
    private readonly List<Waiter> _waiters = [];
    private NatsKvWatchState _state;
    private Exception? _cause;
    private ulong _lastRevision;
    private long _received;
    private long _expected;
    private bool _isComplete;

    public NatsKvWatchState State
    {
        get
        {
            lock (_gate)
            {
                return _state;
            }
        }
    }

    public NatsKvWatchStatus Status
    {
        get
        {
            lock (_gate)
            {
                return Snapshot();
            }
        }
    }

    /// <summary>The watch has come into another state.</summary>
    public void Enter(NatsKvWatchState state, Exception? cause)
    {
        lock (_gate)
        {
            if (_state == NatsKvWatchState.Stopped)
            {
                return;
            }

            _state = state;
            _cause = cause;
            Tell();
        }
    }

    /// <summary>Everything up to a position has been handed over.</summary>
    public void HandedOver(ulong position, bool isComplete, long received, long expected)
    {
        lock (_gate)
        {
            _lastRevision = position;
            _isComplete = isComplete;
            _received = received;
            _expected = expected;
            Tell();
        }
    }

    public ValueTask<NatsKvWatchStatus> WaitForStateAsync(NatsKvWatchState state, CancellationToken cancellationToken) =>
        new(WaitAsync(new Waiter(state, null), cancellationToken));

    public ValueTask WaitForRevisionAsync(ulong revision, CancellationToken cancellationToken) =>
        new(WaitAsync(new Waiter(null, revision), cancellationToken));

    private async Task<NatsKvWatchStatus> WaitAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (!TryTell(waiter))
            {
                _waiters.Add(waiter);
            }
        }

        using CancellationTokenRegistration cancellation =
            cancellationToken.UnsafeRegister(static (waiter, token) => ((Waiter)waiter!).Told.TrySetCanceled(token), waiter);
        try
        {
            return await waiter.Told.Task.ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _waiters.Remove(waiter);
            }
        }
    }

    private void Tell()
    {
        for (int i = _waiters.Count - 1; i >= 0; i--)
        {
            if (TryTell(_waiters[i]))
            {
                _waiters.RemoveAt(i);
            }
        }
    }

    private bool TryTell(Waiter waiter)
    {
        if (waiter.State is { } state ? _state == state : _isComplete && _lastRevision >= waiter.Revision)
        {
            waiter.Told.TrySetResult(Snapshot());
            return true;
        }

        if (_state == NatsKvWatchState.Stopped)
        {
            waiter.Told.TrySetException(new NatsKvException($"The watch on bucket '{bucket}' has stopped.", _cause));
            return true;
        }

        return false;
    }

    private NatsKvWatchStatus Snapshot() => new()
    {
        State = _state,
        LastRevision = _lastRevision,
        Received = _received,
        Expected = _expected,
        Cause = _cause,
    };

    private sealed record Waiter(NatsKvWatchState? State, ulong? Revision)
    {
        public TaskCompletionSource<NatsKvWatchStatus> Told { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
