using System.Globalization;
using NatsKv.JetStream;

namespace NatsKv.Buckets;

/// <summary>Makes a bucket's status of what the server says of its stream.</summary>
internal static class BucketStatus
{
    private const int NanosecondsPerTick = 100;
    private const string ServerLevel = "_nats.level";
    private const string RequiredLevel = "_nats.req.level";

    public static NatsKvBucketStatus From(string bucket, StreamInfoResponse info) => new()
    {
        Bucket = bucket,
        Created = info.Created,
        ServerTime = info.Time,
        Config = BucketStream.FromStream(bucket, info.Config!),
        Keys = info.State.Subjects,
        Values = info.State.Messages,
        Bytes = info.State.Bytes,
        FirstRevision = info.State.FirstSequence,
        LastRevision = info.State.LastSequence,
        LastWritten = info.State.LastTime > DateTimeOffset.UnixEpoch ? info.State.LastTime : null,
        Leader = NotEmpty(info.Cluster?.Leader),
        Replicas = Array.ConvertAll(info.Cluster?.Replicas ?? [], From),
        Alternates = Array.ConvertAll(info.Alternates ?? [], From),
        Mirror = info.Mirror is { } mirror ? From(mirror) : null,
        AllowsKeyTtl = info.Config!.AllowMessageTtl is true,
        AllowsDirectGet = info.Config.AllowDirect,
        ServerApiLevel = Level(info.Config, ServerLevel),
        RequiredApiLevel = Level(info.Config, RequiredLevel),
    };

    private static NatsKvReplicaStatus From(StreamReplicaDocument replica) => new()
    {
        Name = replica.Name,
        IsCurrent = replica.Current,
        IsOffline = replica.Offline,
        Lag = replica.Lag,
        LastHeard = new TimeSpan(replica.Active / NanosecondsPerTick),
    };

    private static NatsKvAlternate From(StreamAlternateDocument alternate) =>
        new() { Stream = alternate.Name, Cluster = NotEmpty(alternate.Cluster), Domain = NotEmpty(alternate.Domain) };

    private static NatsKvMirrorStatus From(StreamMirrorDocument mirror) => new()
    {
        Origin = mirror.Name,
        Lag = mirror.Lag,
        LastHeard = mirror.Active < 0 ? null : new TimeSpan(mirror.Active / NanosecondsPerTick),
    };

    private static int? Level(StreamConfigDocument config, string name) =>
        config.Metadata?.GetValueOrDefault(name) is { } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int level) ? level : null;

    private static string? NotEmpty(string? text) => text is { Length: > 0 } ? text : null;
}
