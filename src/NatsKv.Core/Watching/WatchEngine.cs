using System.Runtime.ExceptionServices;
using NatsKv.Buckets;
using NatsKv.JetStream;
using NatsKv.Transport;

namespace NatsKv.Watching;

/// <summary>
/// The engine under every watch. It is read like a channel: <see cref="WaitToReadAsync"/> keeps a consumer running, making a new one where
/// the cursor stands whenever the old one is lost, and <see cref="TryRead"/> takes in what has come. Nothing is taken off the inbox that
/// nobody asks for, so a slow reader holds the server back through its flow control.
/// </summary>
internal sealed class WatchEngine : IAsyncDisposable
{
    private readonly BucketContext _context;
    private readonly WatchPlan _plan;
    private readonly WatchCursor _cursor;
    private readonly WatchBarrier _barrier;
    private readonly StreamJudge _judge;
    private readonly WatchIntake _intake;
    private readonly FinitePatience _patience;
    private readonly WatchStarter _starter;
    private readonly WatchRetry _retry = new(static () => Random.Shared.NextDouble());
    private readonly CancellationTokenSource _stopping;
    private readonly Action<Exception>? _onInterrupted;
    private WatchConsumer? _consumer;
    private ValueTask<bool>? _waiting;
    private StreamInfoResponse? _doubtful;
    private bool _wasStarted;
    private bool _resetIsDue;
    private bool _isHeard;

    /// <param name="context">The bucket.</param>
    /// <param name="plan">What to follow.</param>
    /// <param name="onInterrupted">Told of what goes wrong; without it, a failure of the first start is thrown.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    public WatchEngine(BucketContext context, WatchPlan plan, Action<Exception>? onInterrupted, CancellationToken cancellationToken)
    {
        _context = context;
        _plan = plan;
        _cursor = new WatchCursor(plan.DeliverPolicy, plan.FromRevision);
        _barrier = new WatchBarrier(context, plan, _cursor);
        _judge = new StreamJudge(new StreamQuestions(context, plan), context.Time, plan, _cursor);
        _patience = new FinitePatience(context, plan);
        Board = new WatchStatusBoard(context.Subjects.Bucket, context.Time, plan.IdleHeartbeat);
        _starter = new WatchStarter(context, plan, _cursor, _barrier, _judge, new LeaderQuestions(context, Board, _judge));
        context.Gate.Join();
        _intake = new WatchIntake(context, plan, _cursor, _judge, Board) { HasCompleted = _cursor.IsInitialDataComplete };
        _onInterrupted = onInterrupted;
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    /// <summary>How the watch stands.</summary>
    public WatchStatusBoard Board { get; }

    /// <summary>Waits until <see cref="TryRead"/> may have something; on the way, starts and restarts what it must.</summary>
    /// <exception cref="OperationCanceledException">The watch has been stopped.</exception>
    /// <exception cref="NatsKvException">The first start failed and nobody wants to be told otherwise.</exception>
    public async ValueTask WaitToReadAsync()
    {
        ReportHandedOver();
        _isHeard = false;
        _consumer?.SetAwaited(true);
        while (true)
        {
            _stopping.Token.ThrowIfCancellationRequested();
            if (_consumer is { Ended.IsCancellationRequested: true })
            {
                await GiveUpConsumerAsync().ConfigureAwait(false);
                _patience.ThrowIfOver();
            }

            if (_consumer is null && !await TryStartAsync().ConfigureAwait(false))
            {
                continue;
            }

            WatchConsumer consumer = _consumer!;
            if (_doubtful is not null)
            {
                await SettleAsync(consumer).ConfigureAwait(false);
                continue;
            }

            bool isDue = (_resetIsDue || _intake.HasCompleted) && _waiting is not { IsFaulted: true };
            if (isDue || await WaitForMessageAsync(consumer).ConfigureAwait(false))
            {
                consumer.SetAwaited(false);
                return;
            }
        }
    }

    /// <summary>Takes the next thing to report. By asking for it, the reader says that it has dealt with the one before.</summary>
    public bool TryRead(out WatchItem item)
    {
        if (_intake.IsToBeReported)
        {
            ReportHandedOver();
        }

        if (_doubtful is not null)
        {
            item = default;
            return false;
        }

        if (_resetIsDue)
        {
            _resetIsDue = false;
            item = new WatchItem(NatsKvWatchEventKind.Reset);
            return true;
        }

        if (_intake.HasCompleted)
        {
            _intake.HasCompleted = false;
            item = new WatchItem(NatsKvWatchEventKind.InitialDataComplete);
            return true;
        }

        while (_waiting is null && _consumer is { Ended.IsCancellationRequested: false } consumer && consumer.Inbox.TryRead(out NatsMessage message))
        {
            if (!_isHeard)
            {
                // Once for all that has gathered: reading the clock for each of many messages is felt.
                _isHeard = true;
                consumer.Heard();
                _retry.OnProven();
                _patience.Heard();
                Board.Heard();
            }

            if (_intake.TryTake(consumer, message, out item))
            {
                return true;
            }
        }

        // The last message taken may have been one that isn't reported, and have completed the initial data.
        if (_intake.HasCompleted)
        {
            return TryRead(out item);
        }

        item = default;
        return false;
    }

    public async ValueTask DisposeAsync()
    {
        Board.Stop(null);
        _context.Gate.Leave();
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_consumer is { } consumer)
        {
            _consumer = null;
            await consumer.DisposeAsync().ConfigureAwait(false);
        }

        _stopping.Dispose();
    }

    // Completion counts once it has been reported too: whoever waits for a revision finds a complete view.
    private void ReportHandedOver()
    {
        if (_intake.HasCompleted)
        {
            Board.FoundInitialData(_barrier.Asked);
        }

        bool isComplete = _cursor.IsInitialDataComplete && !_resetIsDue && !_intake.HasCompleted;
        StreamInfoResponse? satisfied = Board.HandedOver(_cursor.Position ?? 0, isComplete, _intake.IsCaughtUp, _intake.Received, _intake.Expected);
        if (satisfied is null)
        {
            return;
        }

        if (_plan.IsFinite || _judge.Proves(satisfied))
        {
            Board.Prove();
        }
        else
        {
            _doubtful = satisfied;
        }
    }

    // Nothing is taken in meanwhile.
    private async ValueTask SettleAsync(WatchConsumer consumer)
    {
        StreamInfoResponse leader = _doubtful!;
        _doubtful = null;
        consumer.SetAwaited(false);
        Continuity continuity = Continuity.Doubtful;
        try
        {
            continuity = await _judge.StillHoldsAsync(leader, consumer.Ended).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
        {
            // The consumer has ended.
        }
        catch (NatsKvException)
        {
            // Nobody answers: the next satisfied question asks this one again.
        }

        if (continuity == Continuity.Same)
        {
            Board.Prove();
        }
        else
        {
            Board.Doubt();
        }

        if (continuity == Continuity.Void)
        {
            consumer.End(null);
        }

        consumer.SetAwaited(true);
    }

    private async ValueTask<bool> WaitForMessageAsync(WatchConsumer consumer)
    {
        try
        {
            if (_waiting is { } waiting)
            {
                _waiting = null;
                return await waiting.ConfigureAwait(false) || Ends(consumer);
            }

            if (_cursor.IsInitialDataComplete)
            {
                return await consumer.Inbox.WaitToReadAsync(consumer.Ended).ConfigureAwait(false) || Ends(consumer);
            }

            if (!_barrier.IsDue && await _barrier.WaitForMessageAsync(consumer, _intake.IsCaughtUp).ConfigureAwait(false) is { } isThere)
            {
                return isThere || Ends(consumer);
            }

            _intake.HasCompleted |= await _barrier.MoveAsync(consumer).ConfigureAwait(false);
            if (_barrier.IsUnanswered)
            {
                _patience.Lost();
                _patience.ThrowIfOver();
            }

            return _intake.HasCompleted;
        }
        catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
        {
            return false;
        }
        catch (NatsKvException exception)
        {
            consumer.End(exception);
            return false;
        }
    }

    private bool Ends(WatchConsumer consumer)
    {
        consumer.End(new ConsumerLostException($"The inbox of the watch on bucket '{_context.Subjects.Bucket}' has ended."));
        return false;
    }

    // Refused before the consumer was made, its inbox would make 'complete' a lie. The wait that finds it out goes on in WaitForMessageAsync.
    private bool HasEndedBeforeItsFirstWord(WatchConsumer consumer)
    {
        try
        {
            ValueTask<bool> waiting = consumer.Inbox.WaitToReadAsync(consumer.Ended);
            _waiting = waiting;
            return waiting.IsFaulted;
        }
        catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
        {
            return true;
        }
    }

    private async ValueTask<bool> TryStartAsync()
    {
        try
        {
            await StartAsync().ConfigureAwait(false);
            _wasStarted = true;
            return true;
        }
        catch (NatsKvException exception)
        {
            await PauseAsync(exception, _patience.EndsWith(exception)).ConfigureAwait(false);
            return false;
        }
    }

    // A consumer is lost, or could not be made.
    private async ValueTask PauseAsync(Exception? cause, bool isFinal)
    {
        _stopping.Token.ThrowIfCancellationRequested();
        bool isLost = WatchRetry.NeedsSomebody(cause);
        Board.Interrupted(cause, isLost);
        TimeSpan pause = _retry.OnEnded(cause);
        isFinal |= _onInterrupted is null && !_retry.WasProven && (isLost || !_wasStarted);
        if (cause is not null && isFinal)
        {
            ExceptionDispatchInfo.Throw(cause);
        }

        if (cause is not null)
        {
            _onInterrupted?.Invoke(cause);
        }

        if (pause > TimeSpan.Zero)
        {
            await Task.Delay(pause, _context.Time, _stopping.Token).ConfigureAwait(false);
        }
    }

    private async ValueTask StartAsync()
    {
        WatchStart start = await _starter.StartAsync(_stopping.Token).ConfigureAwait(false);
        _consumer = start.Consumer;
        _resetIsDue |= start.IsReset;
        _intake.Started(start);
        _consumer.SetAwaited(true);
        if (!_cursor.IsInitialDataComplete || !HasEndedBeforeItsFirstWord(_consumer))
        {
            Board.Started(start.Asked, start.Leader);
        }
    }

    private async ValueTask GiveUpConsumerAsync()
    {
        WatchConsumer consumer = _consumer!;
        _consumer = null;
        _patience.Lost();
        _waiting = null;
        _doubtful = null;
        _judge.Interrupted();
        await consumer.DisposeAsync().ConfigureAwait(false);
        await PauseAsync(consumer.Cause, isFinal: false).ConfigureAwait(false);
    }
}
