using NatsKv.Buckets;
using NatsKv.JetStream;

namespace NatsKv.Watching;

/// <summary>
/// Judges whether what has been handed over still holds, whenever the leader has described the stream: before each start of a consumer, and
/// whenever everything up to the leader's last sequence has been handed over.
/// </summary>
internal sealed class StreamJudge(BucketContext context, WatchPlan plan, WatchCursor cursor)
{
    private long _lastFollowed;
    private DateTimeOffset? _created;

    /// <summary>A consumer is lost: until the next satisfied proof, things may happen that nobody tells.</summary>
    /// <param name="lastHeard">When the server was heard for the last time, as a time stamp of the clock.</param>
    public void Interrupted(long lastHeard) => _lastFollowed = lastHeard;

    /// <summary>Before a consumer is made: whether it can go on where the cursor stands.</summary>
    /// <param name="leader">The leader's word.</param>
    /// <returns><see langword="false"/> when everything handed over is void; the cursor starts over then.</returns>
    public bool Accepts(StreamInfoResponse leader)
    {
        bool accepts = cursor.Recognize(leader.Created, leader.State.LastSequence) && !MayHaveMissedRemovals(BucketTraits.From(leader));
        if (!accepts)
        {
            cursor.StartOver();
        }

        _created = leader.Created;
        return accepts;
    }

    /// <summary>
    /// Everything up to the leader's last sequence has been handed over, and the initial data is complete. Called by the watch's loop, between
    /// two messages.
    /// </summary>
    /// <param name="leader">The leader's word.</param>
    /// <returns><see langword="false"/> when that alone doesn't prove the view: then <see cref="StillHoldsAsync"/> decides.</returns>
    public bool Proves(StreamInfoResponse leader) => leader.Created == _created;

    /// <summary>Decides what <see cref="Proves"/> could not. Called by the watch's loop, which hands over nothing meanwhile.</summary>
    /// <param name="leader">The leader's word that was doubtful.</param>
    /// <param name="cancellationToken">The consumer has ended.</param>
    /// <returns><see langword="false"/> when everything handed over is void.</returns>
    public ValueTask<bool> StillHoldsAsync(StreamInfoResponse leader, CancellationToken cancellationToken) => new(leader.Created == _created);

    // A key that expired, or whose removal marker expired, while nobody listened has left nothing behind to be told of: then the view is given anew.
    private bool MayHaveMissedRemovals(BucketTraits traits)
    {
        if (_created is null || !plan.IsView || !cursor.IsInitialDataComplete)
        {
            return false;
        }

        bool canExpire = traits.MaxAge is not null || traits.AllowsKeyTtl;
        return canExpire && (traits.LimitMarkerTtl is not { } marker || context.Time.GetElapsedTime(_lastFollowed) >= marker);
    }
}
