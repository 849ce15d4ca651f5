using NatsKv.Buckets;
using NatsKv.JetStream;

namespace NatsKv.Watching;

/// <summary>Starts one consumer after the other where the cursor stands, and judges before each what has become of the stream meanwhile.</summary>
internal sealed class WatchStarter(BucketContext context, WatchPlan plan, WatchCursor cursor, WatchBarrier barrier)
{
    private long _lastFollowed;
    private bool _wasStarted;
    private bool _isReset;

    /// <summary>The watch has heard the server for the last time before it starts anew.</summary>
    /// <param name="lastHeard">When, as a time stamp of the clock.</param>
    public void Interrupted(long lastHeard) => _lastFollowed = lastHeard;

    public async ValueTask<WatchStart> StartAsync(CancellationToken cancellationToken)
    {
        // Taken before anything is asked: a connection that is made meanwhile then ends the new consumer at once instead of being overlooked.
        if (context.Transport.Epoch == 0)
        {
            await context.Transport.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        long epoch = context.Transport.Epoch;
        StreamInfoResponse info = await context.AskLeaderAsync(cancellationToken).ConfigureAwait(false);
        if (info.Config!.Mirror is not null)
        {
            throw ApiErrors.NoWatchOfMirror(context.Subjects.Bucket);
        }

        if (!cursor.Recognize(info.Created, info.State.LastSequence) || MayHaveMissedRemovals())
        {
            cursor.StartOver();

            // Told with the next consumer, which may take more than one attempt.
            _isReset = true;
        }

        (WatchConsumer consumer, ConsumerInfoResponse created) =
            await WatchConsumer.CreateAsync(context, plan, cursor.Start(), epoch, cancellationToken).ConfigureAwait(false);
        try
        {
            ulong? newest = cursor.IsInitialDataComplete ? null : await barrier.FindAsync(cancellationToken).ConfigureAwait(false);
            bool completes = cursor.OnConsumerCreated(created.Delivered.Stream, newest);
            bool isReset = _isReset;
            _isReset = false;
            _wasStarted = true;
            return new WatchStart(consumer, isReset, completes, created.Pending);
        }
        catch
        {
            await consumer.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // A key that expired, or whose removal marker expired, while nobody listened has left nothing behind to be told of: then the view is given anew.
    private bool MayHaveMissedRemovals()
    {
        if (!_wasStarted || !plan.IsView || !cursor.IsInitialDataComplete)
        {
            return false;
        }

        BucketTraits traits = context.Traits!;
        bool canExpire = traits.MaxAge is not null || traits.AllowsKeyTtl;
        return canExpire && (traits.LimitMarkerTtl is not { } marker || context.Time.GetElapsedTime(_lastFollowed) >= marker);
    }
}
