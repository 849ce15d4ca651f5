using NatsKv.JetStream;

namespace NatsKv.Buckets;

/// <summary>What must be known of a bucket before a write with a TTL, for a watch, and for a read on an old server.</summary>
internal sealed record BucketTraits(DateTimeOffset Created, bool AllowsKeyTtl, bool KeepsHistory, bool AllowsRollup, bool AllowsDirectGet, TimeSpan? MaxAge, TimeSpan? LimitMarkerTtl, int? MaxValueSize, bool IsReplicated)
{
    public static BucketTraits From(StreamInfoResponse info)
    {
        StreamConfigDocument stream = info.Config!;
        NatsKvBucketConfig config = BucketStream.FromStream("", stream);
        bool isReplicated = config.Replicas > 1 || stream.Mirror is not null || info.Alternates is { Length: > 1 };
        return new BucketTraits(
            info.Created,
            stream.AllowMessageTtl is true,
            config.History > 1,
            stream.AllowRollup,
            stream.AllowDirect,
            config.MaxAge,
            config.LimitMarkerTtl,
            config.MaxValueSize,
            isReplicated);
    }
}
