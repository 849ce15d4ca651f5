using NatsKv.Buckets;
using NatsKv.JetStream;

namespace NatsKv.Watching;

/// <summary>Starts one consumer after the other where the cursor stands, after a look at what has become of the stream meanwhile.</summary>
internal sealed class WatchStarter(
    BucketContext context, WatchPlan plan, WatchCursor cursor, WatchBarrier barrier, StreamJudge judge, LeaderQuestions questions)
{
    private static readonly TimeSpan LeaderPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LeaderPatience = TimeSpan.FromSeconds(3);

    private bool _isReset;
    private long _lastEpoch;

    public async ValueTask<WatchStart> StartAsync(CancellationToken cancellationToken)
    {
        bool isReconnect = _lastEpoch != 0 && context.Transport.Epoch != _lastEpoch;
        await context.Gate.BeginStartAsync(isReconnect, cancellationToken).ConfigureAwait(false);
        try
        {
            return await StartNowAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            context.Gate.EndStart();
        }
    }

    private async ValueTask<WatchStart> StartNowAsync(CancellationToken cancellationToken)
    {
        // Taken before anything is asked: a connection that is made meanwhile then ends the new consumer at once instead of being overlooked.
        if (context.Transport.Epoch == 0)
        {
            await context.Transport.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        long epoch = context.Transport.Epoch;
        _lastEpoch = epoch;
        (WatchMoment asked, StreamInfoResponse info) = await AskSettledLeaderAsync(cancellationToken).ConfigureAwait(false);
        if (info.Config!.Mirror is not null)
        {
            throw ApiErrors.NoWatchOfMirror(context.Subjects.Bucket);
        }

        // Told with the next consumer, which may take more than one attempt.
        _isReset |= !await judge.AcceptsAsync(info, cancellationToken).ConfigureAwait(false);

        (WatchConsumer consumer, ConsumerInfoResponse created) =
            await WatchConsumer.CreateAsync(context, plan, cursor.Start(judge.Proven), questions, epoch, cancellationToken).ConfigureAwait(false);
        try
        {
            if (plan.Node is { } wanted && !string.Equals(created.Cluster?.Leader, wanted, StringComparison.Ordinal))
            {
                throw new ConsumerLostException($"A consumer of bucket '{context.Subjects.Bucket}' is on server '{created.Cluster?.Leader}', and is wanted on '{wanted}'.");
            }

            ulong? newest = cursor.IsInitialDataComplete ? null : await barrier.FindAsync(cancellationToken).ConfigureAwait(false);
            bool completes = cursor.OnConsumerCreated(created.Delivered.Stream, newest, WatchBarrier.DueOf(info, created, newest));
            bool isReset = _isReset;
            _isReset = false;
            return new WatchStart(consumer, isReset, completes, created.Pending, asked, info);
        }
        catch
        {
            await consumer.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // A leader that was elected a moment ago may not have taken in everything yet: only one that keeps to it has been set back.
    private async ValueTask<(WatchMoment Asked, StreamInfoResponse Leader)> AskSettledLeaderAsync(CancellationToken cancellationToken)
    {
        long start = context.Time.GetTimestamp();
        while (true)
        {
            WatchMoment asked = WatchMoment.Now(context.Time);
            StreamInfoResponse info = await context.AskLeaderAsync(CallDeadline.PerRequest(cancellationToken)).ConfigureAwait(false);
            if (!judge.IsBehind(info) || context.Time.GetElapsedTime(start) >= LeaderPatience)
            {
                return (asked, info);
            }

            await Task.Delay(LeaderPause, context.Time, cancellationToken).ConfigureAwait(false);
        }
    }
}
