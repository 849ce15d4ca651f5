using NatsKv.Buckets;
using NatsKv.JetStream;

namespace NatsKv.Watching;

/// <summary>
/// Finds the end of the initial data: the newest matching message, by the leader's word. The message that would complete the initial data
/// may vanish on its way; so when nothing comes for a while, the leader is asked again, and the consumer how far it has looked.
/// </summary>
internal sealed class WatchBarrier(BucketContext context, WatchPlan plan, WatchCursor cursor)
{
    private const int MostQuestions = 4;

    private static readonly TimeSpan InitialPatience = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan NothingPendingPatience = TimeSpan.FromMilliseconds(5);

    private TimeSpan? _patience;
    private long? _unansweredSince;
    private bool _needNotMatch;
    private string? _leader;
    private int _idleAnswers;

    /// <summary>When the leader was asked for the barrier that stands.</summary>
    public WatchMoment Asked { get; private set; }

    /// <summary>
    /// The newest matching sequence, or with many filters the newest of all; <see langword="null"/> if nothing matches. Only the leader answers
    /// these questions.
    /// </summary>
    public async ValueTask<ulong?> FindAsync(CancellationToken cancellationToken)
    {
        Asked = WatchMoment.Now(context.Time);
        string[] filters = plan.ServerFilters(context.Transport.Server);
        _needNotMatch = filters.Length > MostQuestions;
        if (_needNotMatch)
        {
            StreamInfoResponse info = await context.AskLeaderAsync(CallDeadline.PerRequest(cancellationToken)).ConfigureAwait(false);

            _leader = LeaderOf(info);
            return info.State.Messages == 0 ? null : info.State.LastSequence;
        }

        ulong? newest = null;
        foreach (string filter in filters)
        {
            StoredMessage? latest = await context.GetStoredAsync(
                new MessageGetRequest { LastBySubject = context.Subjects.KeyPrefix + filter }, CallDeadline.PerRequest(cancellationToken)).ConfigureAwait(false);
            newest = latest is not null ? Math.Max(newest ?? 0, latest.Sequence) : newest;
        }

        return newest;
    }

    /// <summary>How many messages a new consumer has to deliver, if those are all that the leader has, up to its newest matching one.</summary>
    /// <param name="before">What the leader said of the stream before the consumer was made.</param>
    /// <param name="created">What was said of the consumer when it was made.</param>
    /// <param name="newest">The newest matching sequence, told after that.</param>
    /// <returns><see langword="null"/> when something matching was written meanwhile, or the consumer reads a replica, which may be behind.</returns>
    public static ulong? DueOf(StreamInfoResponse before, ConsumerInfoResponse created, ulong? newest) =>
        newest <= before.State.LastSequence && (before.Config?.Replicas <= 1 || created.Cluster?.Leader == LeaderOf(before)) ? created.Pending : null;

    /// <summary>Whether the leader should be asked now. One that did not answer is given time, and meanwhile what comes is taken in.</summary>
    public bool IsDue => cursor.NeedsBarrier && (_unansweredSince is not { } since || context.Time.GetElapsedTime(since) >= InitialPatience);

    /// <summary>Whether nobody answered the last question.</summary>
    public bool IsUnanswered => _unansweredSince is not null;

    /// <summary>Asks anew.</summary>
    /// <returns>Whether the initial data turns out to be complete. That nobody answers is no reason to give up what is coming in.</returns>
    /// <exception cref="NatsKvException">Also when the consumer is gone: then it may be another bucket's leader that answered.</exception>
    public async ValueTask<bool> MoveAsync(WatchConsumer consumer)
    {
        try
        {
            bool completes = await AskAsync(consumer).ConfigureAwait(false);
            _unansweredSince = null;
            return completes;
        }
        catch (NatsKvException exception) when (exception is { IsTransient: true } and not ConsumerLostException)
        {
            _unansweredSince = context.Time.GetTimestamp();
            return false;
        }
    }

    /// <summary>Waits for the next message of the initial data.</summary>
    /// <param name="consumer">Where it comes from.</param>
    /// <param name="isNothingPending">Whether the server had nothing more to deliver when it last said so.</param>
    /// <returns>Whether there is one, as the inbox says; <see langword="null"/> when none came for so long that the leader should be asked.</returns>
    public async ValueTask<bool?> WaitForMessageAsync(WatchConsumer consumer, bool isNothingPending)
    {
        // With a barrier that need not match, nothing more may come; that is soon found out.
        TimeSpan time = _patience ?? (isNothingPending ? NothingPendingPatience : InitialPatience);
        using var patience = new CancellationTokenSource(time, context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(consumer.Ended, patience.Token);
        try
        {
            bool isThere = await consumer.Inbox.WaitToReadAsync(either.Token).ConfigureAwait(false);
            _patience = null;
            _idleAnswers = 0;
            return isThere;
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !consumer.Ended.IsCancellationRequested)
        {
            _patience = time * 2 < LongestPatience ? time * 2 : LongestPatience;
            return null;
        }
    }

    // A server alone names itself as the stream's leader, and nobody as the consumer's.
    private static string? LeaderOf(StreamInfoResponse info) => info.Cluster is { Name.Length: > 0 } cluster ? cluster.Leader : null;

    private async ValueTask<bool> AskAsync(WatchConsumer consumer)
    {
        bool isNothingPending = false;
        ConsumerInfoResponse? told = null;
        if (!cursor.NeedsBarrier)
        {
            // Nothing comes: how far has the consumer looked? Before the leader is asked, for what it has then may have been written since.
            told = await DescribeAsync(consumer).ConfigureAwait(false);
            if (told.Pending == 0)
            {
                cursor.Looked(told.Delivered.Consumer, told.Delivered.Stream);
            }

            // nats-server 2.15 describes a consumer by what it delivered last, and tells only in heartbeats how far it has looked (2.10 and 2.9
            // tell that here too). Beside the leader 'nothing pending' is as good; said twice, with nothing coming in between, because a consumer
            // hears of a message a moment after the stream has stored it.
            _idleAnswers = told.Pending == 0 ? _idleAnswers + 1 : 0;
            isNothingPending = _needNotMatch && _idleAnswers > 1;
        }

        ulong? newest = await FindAsync(consumer.Ended).ConfigureAwait(false);
        isNothingPending &= told?.Cluster?.Leader == _leader;
        if (isNothingPending || cursor.HasPassed(newest))
        {
            // It was this bucket's leader that answered, and not another one's, if the consumer is still there.
            await DescribeAsync(consumer).ConfigureAwait(false);
        }

        return cursor.MoveBarrier(newest) || (isNothingPending && cursor.OnNothingPending(told!.Delivered.Consumer));
    }

    private async ValueTask<ConsumerInfoResponse> DescribeAsync(WatchConsumer consumer)
    {
        ConsumerInfoResponse info = await context.Api.AskAsync(
            $"CONSUMER.INFO.{context.Subjects.Stream}.{consumer.Name}",
            default,
            JetStreamJsonContext.Default.ConsumerInfoResponse,
            CallDeadline.PerRequest(consumer.Ended)).ConfigureAwait(false);
        return info.Error switch
        {
            null => info,
            { ErrorCode: ErrorCodes.ConsumerNotFound } => throw new ConsumerLostException($"The consumer of the watch on bucket '{context.Subjects.Bucket}' is gone."),
            { } error => throw ApiErrors.ToException(error, context.Subjects.Bucket),
        };
    }
}
