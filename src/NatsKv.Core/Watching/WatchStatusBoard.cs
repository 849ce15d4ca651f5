using NatsKv.JetStream;

namespace NatsKv.Watching;

/// <summary>How a watch stands, for everybody to read and to wait for. Written by the watch's loop and its consumer's timer, read by any thread.</summary>
internal sealed class WatchStatusBoard(string bucket, TimeProvider time, TimeSpan interval)
{
    private readonly Lock _gate = new();
    private readonly List<Waiter> _waiters = [];
    private readonly WatchProof _proof = new(interval);
    private Exception? _cause;
    private WatchMoment? _completed;
    private ulong _position;
    private ulong _caughtUp;
    private long _received;
    private long _expected;
    private bool _isComplete;
    private bool _isRunning;
    private bool _isLost;
    private bool _hasFollowed;
    private bool _isStopped;

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

    /// <summary>A consumer runs. The leader was asked before it was made.</summary>
    public void Started(WatchMoment asked, StreamInfoResponse leader)
    {
        lock (_gate)
        {
            _isRunning = true;
            _proof.Started(asked, leader);
        }
    }

    /// <summary>The consumer was heard for the first time.</summary>
    public void Heard()
    {
        lock (_gate)
        {
            _isLost = false;
        }
    }

    /// <summary>A consumer is lost, or could not be made.</summary>
    public void Interrupted(Exception? cause, bool needsSomebody)
    {
        lock (_gate)
        {
            _isRunning = false;
            _isLost = needsSomebody;
            _cause = cause;
            _completed = null;
            _proof.Abandon();
            Tell();
        }
    }

    /// <summary>The watch is over.</summary>
    public void Stop(Exception? cause)
    {
        lock (_gate)
        {
            _cause = _isStopped ? _cause : cause;
            _isStopped = true;
            Tell();
        }
    }

    /// <summary>The end of the initial data has been found; it is still to be handed over.</summary>
    /// <param name="asked">When the leader was asked for it.</param>
    public void FoundInitialData(WatchMoment asked)
    {
        lock (_gate)
        {
            _completed = asked;
        }
    }

    /// <summary>Everything up to a position has been handed over.</summary>
    /// <returns>An answer of the leader that this satisfies: to be judged, and then <see cref="Prove"/> or <see cref="Doubt"/>.</returns>
    public StreamInfoResponse? HandedOver(ulong position, bool isComplete, bool isCaughtUp, long received, long expected)
    {
        lock (_gate)
        {
            _position = position;
            _caughtUp = isCaughtUp ? position : Math.Min(_caughtUp, position);
            _isComplete = isComplete;
            _received = received;
            _expected = expected;
            StreamInfoResponse? satisfied = null;
            if (isComplete && _isRunning)
            {
                satisfied = _proof.HandedOver(position, _completed);
                _completed = null;
            }

            Tell();
            return satisfied;
        }
    }

    /// <summary>The answer that was satisfied proves the view.</summary>
    public void Prove()
    {
        lock (_gate)
        {
            _proof.Hold();
            _caughtUp = _position;
            _isLost = false;
            _cause = null;
            _hasFollowed = true;
            Tell();
        }
    }

    /// <summary>The answer that was satisfied proves nothing; the next question may.</summary>
    public void Doubt()
    {
        lock (_gate)
        {
            _proof.Abandon();
        }
    }

    /// <summary>Called once in an interval by the consumer's timer.</summary>
    /// <returns>Whether the leader is to be asked now; it counts as asked.</returns>
    public bool Tick()
    {
        lock (_gate)
        {
            // Those who wait for the state in which time alone has put the watch.
            Tell();
            WatchMoment now = WatchMoment.Now(time);
            bool isDue = _isRunning && _isComplete && _proof.IsDueAt(now);
            if (isDue)
            {
                _proof.Asked(now, _position);
            }

            return isDue;
        }
    }

    /// <inheritdoc cref="WatchProof.ExpectsMoreThan"/>
    public bool ExpectsMoreThan(ulong position)
    {
        lock (_gate)
        {
            return _proof.ExpectsMoreThan(position);
        }
    }

    /// <inheritdoc cref="WatchProof.Answered"/>
    public bool Answered(StreamInfoResponse leader)
    {
        lock (_gate)
        {
            return _proof.Answered(leader);
        }
    }

    /// <inheritdoc cref="WatchProof.Unanswered"/>
    public bool Unanswered(Exception cause)
    {
        lock (_gate)
        {
            _cause = cause;
            return _proof.Unanswered();
        }
    }

    public ValueTask<NatsKvWatchStatus> WaitForStateAsync(NatsKvWatchState state, CancellationToken cancellationToken) =>
        new(WaitAsync(new Waiter(state, 0), cancellationToken));

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
        if (waiter.State is { } state ? State() == state : HasHandedOver(waiter.Revision))
        {
            waiter.Told.TrySetResult(Snapshot());
            return true;
        }

        if (_isStopped)
        {
            waiter.Told.TrySetException(new NatsKvException($"The watch on bucket '{bucket}' has stopped.", _cause));
            return true;
        }

        return false;
    }

    // A revision that was passed may have been overwritten before it could be delivered, and what overwrote it be still on its way: only at
    // a moment when nothing was on its way everything up to it has come.
    private bool HasHandedOver(ulong revision) => _isComplete && (revision == _position || revision <= _caughtUp);

    private NatsKvWatchState State() =>
        _isStopped ? NatsKvWatchState.Stopped
        : _isRunning && _isComplete && _proof.IsFreshAt(WatchMoment.Now(time)) ? NatsKvWatchState.Following
        : _isLost ? NatsKvWatchState.Lost
        : _hasFollowed ? NatsKvWatchState.Recovering
        : NatsKvWatchState.Starting;

    private NatsKvWatchStatus Snapshot()
    {
        NatsKvWatchState state = State();
        return new NatsKvWatchStatus
        {
            State = state,
            LastRevision = _position,
            LastProof = _proof.Last?.Time,
            Received = _received,
            Expected = _expected,
            Cause = state == NatsKvWatchState.Following ? null : _cause,
        };
    }

    private sealed record Waiter(NatsKvWatchState? State, ulong Revision)
    {
        public TaskCompletionSource<NatsKvWatchStatus> Told { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
