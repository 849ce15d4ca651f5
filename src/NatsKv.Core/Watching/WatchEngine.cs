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
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly BucketContext _context;
    private readonly WatchPlan _plan;
    private readonly WatchCursor _cursor;
    private readonly WatchBarrier _barrier;
    private readonly StreamJudge _judge;
    private readonly WatchStarter _starter;
    private readonly CancellationTokenSource _stopping;
    private readonly Action<Exception>? _onInterrupted;
    private WatchConsumer? _consumer;
    private StreamInfoResponse? _leader;
    private long _askedAt;
    private long _received;
    private long _expected;
    private int _failures;
    private bool _wasStarted;
    private bool _resetIsDue;
    private bool _completionIsDue;

    /// <param name="context">The bucket.</param>
    /// <param name="plan">What to follow.</param>
    /// <param name="onInterrupted">Told of what goes wrong; without it, a failure of the first start is thrown.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    public WatchEngine(BucketContext context, WatchPlan plan, Action<Exception>? onInterrupted, CancellationToken cancellationToken)
    {
        _context = context;
        _plan = plan;
        _cursor = new WatchCursor(plan.DeliverPolicy);
        _barrier = new WatchBarrier(context, plan);
        _judge = new StreamJudge(new StreamQuestions(context, plan), context.Time, plan, _cursor);
        _starter = new WatchStarter(context, plan, _cursor, _barrier, _judge);
        Board = new WatchStatusBoard(context.Subjects.Bucket);
        _onInterrupted = onInterrupted;
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _completionIsDue = _cursor.IsInitialDataComplete;
    }

    /// <summary>How the watch stands.</summary>
    public WatchStatusBoard Board { get; }

    /// <summary>Waits until <see cref="TryRead"/> may have something; on the way, starts and restarts what it must.</summary>
    /// <exception cref="OperationCanceledException">The watch has been stopped.</exception>
    /// <exception cref="NatsKvException">The first start failed and nobody wants to be told otherwise.</exception>
    public async ValueTask WaitToReadAsync()
    {
        ReportHandedOver();
        _consumer?.SetAwaited(true);
        while (true)
        {
            _stopping.Token.ThrowIfCancellationRequested();
            if (_consumer is { Ended.IsCancellationRequested: true })
            {
                await GiveUpConsumerAsync().ConfigureAwait(false);
            }

            if (_consumer is null && !await TryStartAsync().ConfigureAwait(false))
            {
                continue;
            }

            if (_resetIsDue || (_completionIsDue && _consumer is not null) || await WaitForMessageAsync(_consumer!).ConfigureAwait(false))
            {
                _consumer!.SetAwaited(false);
                return;
            }
        }
    }

    /// <summary>Takes the next thing to report. By asking for it, the reader says that it has dealt with the one before.</summary>
    public bool TryRead(out WatchItem item)
    {
        ReportHandedOver();
        if (_resetIsDue)
        {
            _resetIsDue = false;
            item = new WatchItem(NatsKvWatchEventKind.Reset);
            return true;
        }

        if (_completionIsDue)
        {
            _completionIsDue = false;
            item = new WatchItem(NatsKvWatchEventKind.InitialDataComplete);
            return true;
        }

        while (_consumer is { Ended.IsCancellationRequested: false } consumer && consumer.Inbox.TryRead(out NatsMessage message))
        {
            consumer.Heard();
            if (TryTake(consumer, message, out item))
            {
                return true;
            }
        }

        // The last message taken may have been one that isn't reported, and have completed the initial data.
        if (_completionIsDue)
        {
            return TryRead(out item);
        }

        item = default;
        return false;
    }

    public async ValueTask DisposeAsync()
    {
        Board.Enter(NatsKvWatchState.Stopped, null);
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_consumer is { } consumer)
        {
            _consumer = null;
            await consumer.DisposeAsync().ConfigureAwait(false);
        }

        _stopping.Dispose();
    }

    // Completion counts once it has been reported too: whoever waits for a revision finds a complete view.
    private void ReportHandedOver() =>
        Board.HandedOver(_cursor.Position ?? 0, _cursor.IsInitialDataComplete && !_resetIsDue && !_completionIsDue, _received, _expected);

    private bool TryTake(WatchConsumer consumer, scoped in NatsMessage message, out WatchItem item)
    {
        item = default;
        if (ConsumerMessage.IsControl(message))
        {
            TakeControl(consumer, message);
            return false;
        }

        if (!AckSubject.TryParse(message.ReplyTo, out AckSubject ack) || _context.Subjects.KeyOf(message.Subject) is not { } key)
        {
            return false;
        }

        if (!_cursor.Accept(ack.ConsumerSequence, ack.StreamSequence))
        {
            consumer.End(new NatsKvException($"The watch on bucket '{_context.Subjects.Bucket}' missed messages."));
            return false;
        }

        _received++;
        _expected = _received + (long)ack.Pending;
        _completionIsDue |= _cursor.CompletesInitialData(ack.Pending);
        NatsKvOperation operation = StoredHeaders.Read(message.Headers.Bytes).Operation;
        _judge.Delivered(ack, key, operation);
        if (_plan.IgnoreDeletes && operation != NatsKvOperation.Put)
        {
            return false;
        }

        item = new WatchItem(new NatsKvEntryView
        {
            Bucket = _context.Subjects.Bucket,
            Key = key,
            Value = message.Payload.Span,
            Headers = message.Headers,
            Revision = ack.StreamSequence,
            Created = ack.Time,
            Delta = ack.Pending,
            Operation = operation,
        });
        return true;
    }

    private void TakeControl(WatchConsumer consumer, scoped in NatsMessage message)
    {
        if (ConsumerMessage.IsFlowControl(message))
        {
            consumer.Answer(message.ReplyTo);
            return;
        }

        bool isStalled = ConsumerMessage.TryGetStalled(message, out ReadOnlySpan<byte> stalled);
        ulong delivered = ConsumerMessage.Number(message, "Nats-Last-Consumer"u8);
        ulong looked = ConsumerMessage.Number(message, "Nats-Last-Stream"u8);
        if (!_cursor.OnHeartbeat(delivered, looked, isStalled))
        {
            consumer.End(new NatsKvException($"The watch on bucket '{_context.Subjects.Bucket}' missed messages."));
        }
        else if (isStalled)
        {
            consumer.Answer(stalled);
        }
    }

    private async ValueTask<bool> WaitForMessageAsync(WatchConsumer consumer)
    {
        try
        {
            if (_cursor.IsInitialDataComplete)
            {
                return await SettleAsync(consumer).ConfigureAwait(false) && await consumer.Inbox.WaitToReadAsync(consumer.Ended).ConfigureAwait(false);
            }

            if (!_cursor.NeedsBarrier && await _barrier.WaitForMessageAsync(consumer).ConfigureAwait(false) is { } isThere)
            {
                return isThere;
            }

            _completionIsDue |= _cursor.MoveBarrier(await _barrier.FindAsync(consumer.Ended).ConfigureAwait(false));
            return true;
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

    // Once in a while the leader is asked where the stream stands; when that has been handed over, what is held is judged.
    private async ValueTask<bool> SettleAsync(WatchConsumer consumer)
    {
        if (_plan.IsFinite)
        {
            return true;
        }

        if (_leader is null && _context.Time.GetElapsedTime(_askedAt) >= _plan.IdleHeartbeat)
        {
            _askedAt = _context.Time.GetTimestamp();
            _leader = await _context.AskLeaderAsync(consumer.Ended).ConfigureAwait(false);
            _judge.Answered(_leader);
        }

        if (_leader is { } leader && _cursor.Position >= leader.State.LastSequence)
        {
            _leader = null;
            if (!_judge.Proves(leader))
            {
                consumer.SetAwaited(false);
                if (await _judge.StillHoldsAsync(leader, consumer.Ended).ConfigureAwait(false) == Continuity.Void)
                {
                    consumer.End(null);
                    return false;
                }

                consumer.SetAwaited(true);
            }
        }

        return true;
    }

    private async ValueTask<bool> TryStartAsync()
    {
        try
        {
            await StartAsync().ConfigureAwait(false);
            _wasStarted = true;
            _failures = 0;
            Board.Enter(NatsKvWatchState.Following, null);
            return true;
        }
        catch (Exception exception) when (exception is NatsKvException && !_stopping.IsCancellationRequested)
        {
            Board.Enter(_wasStarted ? NatsKvWatchState.Recovering : NatsKvWatchState.Starting, exception);
            if (_onInterrupted is null && !_wasStarted)
            {
                throw;
            }

            _onInterrupted?.Invoke(exception);
            _failures++;
            TimeSpan pause = Connection.Backoff.Delay(_failures, LongestPause, Random.Shared.NextDouble());
            await Task.Delay(pause, _context.Time, _stopping.Token).ConfigureAwait(false);
            return false;
        }
    }

    private async ValueTask StartAsync()
    {
        WatchStart start = await _starter.StartAsync(_stopping.Token).ConfigureAwait(false);
        _consumer = start.Consumer;
        _leader = start.Leader;
        _askedAt = _context.Time.GetTimestamp();
        if (start.IsReset)
        {
            _resetIsDue = true;
            _completionIsDue = false;
            _received = 0;
        }

        _completionIsDue |= start.CompletesInitialData;
        _expected = _received + (long)start.Pending;
        _consumer.SetAwaited(true);
    }

    private async ValueTask GiveUpConsumerAsync()
    {
        WatchConsumer consumer = _consumer!;
        _consumer = null;
        _judge.Interrupted();
        Board.Enter(NatsKvWatchState.Recovering, consumer.Cause);
        await consumer.DisposeAsync().ConfigureAwait(false);
        if (consumer.Cause is { } cause)
        {
            _onInterrupted?.Invoke(cause);
        }
    }
}
