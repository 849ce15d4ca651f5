using NatsKv.Buckets;
using NatsKv.JetStream;

namespace NatsKv.Watching;

/// <summary>
/// Finds the end of the initial data: the newest matching message, by the leader's word. The message that would complete the initial data
/// may vanish on its way; so when nothing comes for a while, the leader is asked again.
/// </summary>
internal sealed class WatchBarrier(BucketContext context, WatchPlan plan, WatchCursor cursor)
{
    private static readonly TimeSpan ShortestPatience = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPatience = TimeSpan.FromSeconds(2);

    private TimeSpan _patience = ShortestPatience;
    private long? _unansweredSince;

    /// <summary>The newest matching sequence; <see langword="null"/> if nothing matches. Only the leader answers this question.</summary>
    public async ValueTask<ulong?> FindAsync(CancellationToken cancellationToken)
    {
        ulong? newest = null;
        foreach (string filter in plan.Filters)
        {
            MessageGetResponse answer = await context.Api.AskAsync(
                $"STREAM.MSG.GET.{context.Subjects.Stream}",
                new MessageGetRequest { LastBySubject = context.Subjects.KeyPrefix + filter },
                JetStreamJsonContext.Default.MessageGetRequest,
                JetStreamJsonContext.Default.MessageGetResponse,
                cancellationToken).ConfigureAwait(false);
            if (answer.Error is { } error && error.ErrorCode != ErrorCodes.NoMessageFound)
            {
                throw ApiErrors.ToException(error, context.Subjects.Bucket);
            }

            newest = answer.Message is { } message ? Math.Max(newest ?? 0, message.Sequence) : newest;
        }

        return newest;
    }

    /// <summary>Whether the leader should be asked now. One that did not answer is given time, and meanwhile what comes is taken in.</summary>
    public bool IsDue => cursor.NeedsBarrier && (_unansweredSince is not { } since || context.Time.GetElapsedTime(since) >= _patience);

    /// <summary>Asks the leader anew.</summary>
    /// <returns>Whether that completes the initial data.</returns>
    /// <exception cref="NatsKvException">The leader refuses; that it doesn't answer is no reason to give up what is coming in.</exception>
    public async ValueTask<bool> MoveAsync(CancellationToken cancellationToken)
    {
        try
        {
            ulong? newest = await FindAsync(cancellationToken).ConfigureAwait(false);
            _unansweredSince = null;
            _patience = ShortestPatience;
            return cursor.MoveBarrier(newest);
        }
        catch (NatsKvException exception) when (exception.IsTransient)
        {
            _unansweredSince = context.Time.GetTimestamp();
            _patience = _patience * 2 < LongestPatience ? _patience * 2 : LongestPatience;
            return false;
        }
    }

    /// <summary>Waits for the next message of the initial data.</summary>
    /// <returns>Whether there is one, as the inbox says; <see langword="null"/> when none came for so long that the leader should be asked.</returns>
    public async ValueTask<bool?> WaitForMessageAsync(WatchConsumer consumer)
    {
        using var patience = new CancellationTokenSource(_patience, context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(consumer.Ended, patience.Token);
        try
        {
            return await consumer.Inbox.WaitToReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !consumer.Ended.IsCancellationRequested)
        {
            return null;
        }
    }
}
