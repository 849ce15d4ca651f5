using NatsKv.JetStream;

namespace NatsKv.Buckets;

/// <summary>What must be known of a bucket before a write with a TTL, and for a watch.</summary>
internal sealed record BucketTraits(DateTimeOffset Created, bool AllowsKeyTtl, bool KeepsHistory, bool AllowsRollup, TimeSpan? MaxAge, TimeSpan? LimitMarkerTtl, int? MaxValueSize, bool IsReplicated)
{
    public static BucketTraits From(StreamInfoResponse info)
    {
        NatsKvBucketConfig config = BucketStream.FromStream("", info.Config!);
        return new BucketTraits(info.Created, info.Config!.AllowMessageTtl is true, config.History > 1, info.Config.AllowRollup, config.MaxAge, config.LimitMarkerTtl, config.MaxValueSize, config.Replicas > 1);
    }
}
