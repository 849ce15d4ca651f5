using NatsKv.Buckets;
using NatsKv.JetStream;

namespace NatsKv.Watching;

/// <summary>Starts one consumer after the other where the cursor stands, after a look at what has become of the stream meanwhile.</summary>
internal sealed class WatchStarter(BucketContext context, WatchPlan plan, WatchCursor cursor, WatchBarrier barrier, StreamJudge judge)
{
    private bool _isReset;

    public async ValueTask<WatchStart> StartAsync(CancellationToken cancellationToken)
    {
        // Taken before anything is asked: a connection that is made meanwhile then ends the new consumer at once instead of being overlooked.
        if (context.Transport.Epoch == 0)
        {
            await context.Transport.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        long epoch = context.Transport.Epoch;
        StreamInfoResponse info = await AskLeaderAsync(cancellationToken).ConfigureAwait(false);

        // Told with the next consumer, which may take more than one attempt.
        _isReset |= !judge.Accepts(info);

        (WatchConsumer consumer, ConsumerInfoResponse created) =
            await WatchConsumer.CreateAsync(context, plan, cursor.Start(), epoch, cancellationToken).ConfigureAwait(false);
        try
        {
            ulong? newest = cursor.IsInitialDataComplete ? null : await barrier.FindAsync(cancellationToken).ConfigureAwait(false);
            bool completes = cursor.OnConsumerCreated(created.Delivered.Stream, newest);
            bool isReset = _isReset;
            _isReset = false;
            return new WatchStart(consumer, isReset, completes, created.Pending);
        }
        catch
        {
            await consumer.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask<StreamInfoResponse> AskLeaderAsync(CancellationToken cancellationToken)
    {
        StreamInfoResponse info = await context.GetInfoAsync(cancellationToken).ConfigureAwait(false);
        return info.IsLeaderless
            ? throw new NatsKvServerException(503, ErrorCodes.ClusterNotAvailable, $"Bucket '{context.Subjects.Bucket}' has no leader just now.")
            : info;
    }
}
