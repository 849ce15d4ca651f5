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
    private static readonly TimeSpan InitialPatience = TimeSpan.FromMilliseconds(250);

    private readonly BucketContext _context;
    private readonly WatchPlan _plan;
    private readonly WatchCursor _cursor;
    private readonly CancellationTokenSource _stopping;
    private readonly Action<Exception>? _onInterrupted;
    private WatchConsumer? _consumer;
    private long _lastFollowed;
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
        _onInterrupted = onInterrupted;
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _completionIsDue = _cursor.IsInitialDataComplete;
    }

    public NatsKvWatchState State { get; private set; }

    public ulong LastRevision => _cursor.Position ?? 0;

    /// <summary>Waits until <see cref="TryRead"/> may have something; on the way, starts and restarts what it must.</summary>
    /// <exception cref="OperationCanceledException">The watch has been stopped.</exception>
    /// <exception cref="NatsKvException">The first start failed and nobody wants to be told otherwise.</exception>
    public async ValueTask WaitToReadAsync()
    {
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

    /// <summary>Takes the next thing to report.</summary>
    public bool TryRead(out WatchItem item)
    {
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
        State = NatsKvWatchState.Stopped;
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_consumer is { } consumer)
        {
            _consumer = null;
            await consumer.DisposeAsync().ConfigureAwait(false);
        }

        _stopping.Dispose();
    }

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

        _completionIsDue |= _cursor.CompletesInitialData(ack.Pending);
        NatsKvOperation operation = StoredHeaders.Read(message.Headers.Bytes).Operation;
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
            if (_cursor.NeedsBarrier)
            {
                await MoveBarrierAsync(consumer).ConfigureAwait(false);
                return true;
            }

            return _cursor.IsInitialDataComplete
                ? await consumer.Inbox.WaitToReadAsync(consumer.Ended).ConfigureAwait(false)
                : await WaitForInitialMessageAsync(consumer).ConfigureAwait(false);
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

    // The message that would complete the initial data may have vanished meanwhile; then the leader is asked again which is the newest.
    private async ValueTask<bool> WaitForInitialMessageAsync(WatchConsumer consumer)
    {
        using var patience = new CancellationTokenSource(InitialPatience, _context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(consumer.Ended, patience.Token);
        try
        {
            return await consumer.Inbox.WaitToReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !consumer.Ended.IsCancellationRequested)
        {
            await MoveBarrierAsync(consumer).ConfigureAwait(false);
            return _completionIsDue;
        }
    }

    private async ValueTask MoveBarrierAsync(WatchConsumer consumer) =>
        _completionIsDue |= _cursor.MoveBarrier(await FindBarrierAsync(consumer.Ended).ConfigureAwait(false));

    private async ValueTask<bool> TryStartAsync()
    {
        try
        {
            await StartAsync().ConfigureAwait(false);
            _wasStarted = true;
            _failures = 0;
            State = NatsKvWatchState.Following;
            return true;
        }
        catch (Exception exception) when (exception is NatsKvException && !_stopping.IsCancellationRequested)
        {
            State = _wasStarted ? NatsKvWatchState.Recovering : NatsKvWatchState.Starting;
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
        // Taken before anything is asked: a connection that is made meanwhile then ends the new consumer at once instead of being overlooked.
        if (_context.Transport.Epoch == 0)
        {
            await _context.Transport.FlushAsync(_stopping.Token).ConfigureAwait(false);
        }

        long epoch = _context.Transport.Epoch;
        StreamInfoResponse info = await AskLeaderAsync(_stopping.Token).ConfigureAwait(false);
        if (!_cursor.Recognize(info.Created, info.State.LastSequence) || MayHaveMissedRemovals())
        {
            _cursor.StartOver();
            _resetIsDue = true;
            _completionIsDue = false;
        }

        (WatchConsumer consumer, ConsumerInfoResponse created) =
            await WatchConsumer.CreateAsync(_context, _plan, _cursor.Start(), epoch, _stopping.Token).ConfigureAwait(false);
        try
        {
            ulong? barrier = _cursor.IsInitialDataComplete ? null : await FindBarrierAsync(_stopping.Token).ConfigureAwait(false);
            _completionIsDue |= _cursor.OnConsumerCreated(created.Delivered.Stream, barrier);
        }
        catch
        {
            await consumer.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        _consumer = consumer;
        consumer.SetAwaited(true);
    }

    private async ValueTask<StreamInfoResponse> AskLeaderAsync(CancellationToken cancellationToken)
    {
        StreamInfoResponse info = await _context.GetInfoAsync(cancellationToken).ConfigureAwait(false);
        return info.IsLeaderless
            ? throw new NatsKvServerException(503, ErrorCodes.ClusterNotAvailable, $"Bucket '{_context.Subjects.Bucket}' has no leader just now.")
            : info;
    }

    // A key that expired, or whose removal marker expired, while nobody listened has left nothing behind to be told of: then the view is given anew.
    private bool MayHaveMissedRemovals()
    {
        if (!_wasStarted || !_plan.IsView || !_cursor.IsInitialDataComplete)
        {
            return false;
        }

        BucketTraits traits = _context.Traits!;
        bool canExpire = traits.MaxAge is not null || traits.AllowsKeyTtl;
        return canExpire && (traits.LimitMarkerTtl is not { } marker || _context.Time.GetElapsedTime(_lastFollowed) >= marker);
    }

    // The newest matching message, by the leader's word: only the leader answers this question.
    private async ValueTask<ulong?> FindBarrierAsync(CancellationToken cancellationToken)
    {
        ulong? newest = null;
        foreach (string filter in _plan.Filters)
        {
            MessageGetResponse answer = await _context.Api.AskAsync(
                $"STREAM.MSG.GET.{_context.Subjects.Stream}",
                new MessageGetRequest { LastBySubject = _context.Subjects.KeyPrefix + filter },
                JetStreamJsonContext.Default.MessageGetRequest,
                JetStreamJsonContext.Default.MessageGetResponse,
                cancellationToken).ConfigureAwait(false);
            if (answer.Error is { } error && error.ErrorCode != ErrorCodes.NoMessageFound)
            {
                throw ApiErrors.ToException(error, _context.Subjects.Bucket);
            }

            newest = answer.Message is { } message ? Math.Max(newest ?? 0, message.Sequence) : newest;
        }

        return newest;
    }

    private async ValueTask GiveUpConsumerAsync()
    {
        WatchConsumer consumer = _consumer!;
        _consumer = null;
        _lastFollowed = consumer.LastHeard;
        State = NatsKvWatchState.Recovering;
        await consumer.DisposeAsync().ConfigureAwait(false);
        if (consumer.Cause is { } cause)
        {
            _onInterrupted?.Invoke(cause);
        }
    }
}
