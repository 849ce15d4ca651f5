using NatsKv.JetStream;

namespace NatsKv.Buckets;

/// <summary>What must be known of a bucket before a write with a TTL, for a watch, and for a read on an old server.</summary>
internal sealed record BucketTraits
{
    public required DateTimeOffset Created { get; init; }

    public required bool AllowsKeyTtl { get; init; }

    public required bool AllowsRollup { get; init; }

    public required bool AllowsDirectGet { get; init; }

    public required bool KeepsHistory { get; init; }

    public required TimeSpan? MaxAge { get; init; }

    public required TimeSpan? LimitMarkerTtl { get; init; }

    public required int? MaxValueSize { get; init; }

    /// <summary>Whether others than the leader may answer a direct get, who may lag behind: replicas, or mirrors.</summary>
    public required bool MayLag { get; init; }

    public static BucketTraits From(StreamInfoResponse info)
    {
        StreamConfigDocument stream = info.Config!;
        NatsKvBucketConfig config = BucketStream.FromStream("", stream);
        return new BucketTraits
        {
            Created = info.Created,
            AllowsKeyTtl = stream.AllowMessageTtl is true,
            AllowsRollup = stream.AllowRollup,
            AllowsDirectGet = stream.AllowDirect,
            KeepsHistory = config.History > 1,
            MaxAge = config.MaxAge,
            LimitMarkerTtl = config.LimitMarkerTtl,
            MaxValueSize = config.MaxValueSize,
            MayLag = config.Replicas > 1 || stream.Mirror is not null || info.Alternates is { Length: > 1 },
        };
    }
}
