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
    private readonly FinitePatience _patience;
    private readonly WatchStarter _starter;
    private readonly WatchRetry _retry = new(static () => Random.Shared.NextDouble());
    private readonly CancellationTokenSource _stopping;
    private readonly Action<Exception>? _onInterrupted;
    private WatchConsumer? _consumer;
    private ValueTask<bool>? _waiting;
    private long _received;
    private long _expected;
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
        _cursor = new WatchCursor(plan.DeliverPolicy, plan.FromRevision);
        _barrier = new WatchBarrier(context, plan, _cursor);
        _judge = new StreamJudge(context, plan, _cursor);
        _patience = new FinitePatience(context, plan);
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
                _patience.ThrowIfOver();
            }

            if (_consumer is null && !await TryStartAsync().ConfigureAwait(false))
            {
                continue;
            }

            WatchConsumer consumer = _consumer!;
            bool isDue = _resetIsDue || (_completionIsDue && !HasEndedBeforeItsFirstWord(consumer));
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

        while (_waiting is null && _consumer is { Ended.IsCancellationRequested: false } consumer && consumer.Inbox.TryRead(out NatsMessage message))
        {
            consumer.Heard();
            _retry.OnProven();
            _patience.Heard();
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

        if (!AckSubject.TryParse(message.ReplyTo, out AckSubject ack))
        {
            consumer.End(new NatsKvException($"The watch on bucket '{_context.Subjects.Bucket}' was sent something that no consumer sends."));
            return false;
        }

        if (!_cursor.Accept(ack.ConsumerSequence, ack.StreamSequence))
        {
            consumer.End(new ConsumerLostException($"The watch on bucket '{_context.Subjects.Bucket}' missed messages."));
            return false;
        }

        _received++;
        _expected = _received + (long)ack.Pending;
        _completionIsDue |= _cursor.CompletesInitialData(ack.Pending);
        StoredHeaders headers = StoredHeaders.Read(message.Headers.Bytes);
        string? key = _context.Subjects.KeyOf(message.Subject);
        if (key is null || !_plan.Covers(key))
        {
            return false;
        }

        _judge.Delivered(ack, key, headers.Operation);
        if (_plan.IgnoreDeletes && headers.Operation != NatsKvOperation.Put)
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
            Size = _plan.HeadersOnly ? headers.Size : 0,
            Operation = headers.Operation,
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
            consumer.End(new ConsumerLostException($"The watch on bucket '{_context.Subjects.Bucket}' missed messages."));
        }
        else if (isStalled)
        {
            consumer.Answer(stalled);
        }
        else
        {
            _completionIsDue |= _cursor.OnLooked(delivered, looked, pending: 0);
        }
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

            if (!_barrier.IsDue && await _barrier.WaitForMessageAsync(consumer, _received == _expected).ConfigureAwait(false) is { } isThere)
            {
                return isThere || Ends(consumer);
            }

            _completionIsDue |= await _barrier.MoveAsync(consumer).ConfigureAwait(false);
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

    private bool Ends(WatchConsumer consumer)
    {
        consumer.End(new ConsumerLostException($"The inbox of the watch on bucket '{_context.Subjects.Bucket}' has ended."));
        return false;
    }

    // The server may have refused the inbox before it answered; then it would be a lie to say that the initial data is complete. The wait that
    // finds it out goes on in WaitForMessageAsync.
    private bool HasEndedBeforeItsFirstWord(WatchConsumer consumer)
    {
        if (consumer.WasHeard || _waiting is not null)
        {
            return false;
        }

        ValueTask<bool> waiting = consumer.Inbox.WaitToReadAsync(consumer.Ended);
        _waiting = waiting;
        return waiting.IsFaulted;
    }

    private async ValueTask<bool> TryStartAsync()
    {
        try
        {
            await StartAsync().ConfigureAwait(false);
            _wasStarted = true;
            Board.Enter(NatsKvWatchState.Following, null);
            return true;
        }
        catch (NatsKvException exception)
        {
            await PauseAsync(exception).ConfigureAwait(false);
            return false;
        }
    }

    // A consumer is lost, or could not be made.
    private async ValueTask PauseAsync(Exception? cause)
    {
        _stopping.Token.ThrowIfCancellationRequested();
        bool isLost = WatchRetry.NeedsSomebody(cause);
        Board.Enter(isLost ? NatsKvWatchState.Lost : _wasStarted ? NatsKvWatchState.Recovering : NatsKvWatchState.Starting, cause);
        TimeSpan pause = _retry.OnEnded(cause);
        if (cause is not null && _onInterrupted is null && !_retry.WasProven && (isLost || !_wasStarted))
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
        _patience.Lost();
        _waiting = null;
        _judge.Interrupted();
        await consumer.DisposeAsync().ConfigureAwait(false);
        await PauseAsync(consumer.Cause).ConfigureAwait(false);
    }
}
