using NatsKv.Transport;

namespace NatsKv.JetStream;

/// <summary>Turns JetStream's refusals into exceptions that name the thing and the remedy.</summary>
internal static class ApiErrors
{
    private const int NoRespondersStatus = 503;

    /// <summary>The exception for an error in a JSON answer.</summary>
    public static NatsKvException ToException(ApiError error, string bucket) => error.ErrorCode switch
    {
        ErrorCodes.StreamNotFound => new NatsKvBucketNotFoundException(bucket),
        ErrorCodes.StreamNameInUse => new NatsKvBucketExistsException(bucket),
        ErrorCodes.NotEnabled or ErrorCodes.NotEnabledForAccount => NoJetStream(error.Description),
        ErrorCodes.InvalidStreamConfig => new NatsKvBucketConfigException(bucket, $"The server refuses the configuration of bucket '{bucket}': {error.Description}."),
        ErrorCodes.ReplicasNotPossible => new NatsKvBucketConfigException(bucket, $"The server can't hold bucket '{bucket}' in so many replicas: {error.Description}."),
        ErrorCodes.SubjectsOverlap => new NatsKvBucketConfigException(bucket, $"The subjects of bucket '{bucket}' belong to another stream already: {error.Description}."),
        ErrorCodes.StoreFailed when error.Description is "maximum bytes exceeded" or "maximum messages exceeded" => new NatsKvBucketFullException(bucket, error.Description),
        ErrorCodes.MessageTtlDisabled => NoKeyTtl(bucket),
        _ => new NatsKvServerException(error.Code, error.ErrorCode, $"The server refuses a request for bucket '{bucket}': {error.Description} ({error.Code}/{error.ErrorCode})."),
    };

    /// <summary>The exception for a JSON request that nobody answers.</summary>
    public static NatsKvException NobodyAnswers(NatsKvServerInfo? server, string subject) => HasNoJetStream(server, subject)
        ? NoJetStream($"server '{server!.Name}' has it off")
        : new NatsKvServerException(NoRespondersStatus, 0, $"Nobody answers to '{subject}'. Is JetStream enabled for this account, and does a server that runs it reach this one?");

    /// <summary>The exception for a write that nobody takes, of a handle that asks no questions about its bucket.</summary>
    public static NatsKvException NobodyKnown(NatsKvServerInfo? server, string bucket, string subject) => HasNoJetStream(server, subject)
        ? NobodyAnswers(server, subject)
        : new NatsKvServerException(
            NoRespondersStatus,
            0,
            $"Nobody answers to '{subject}'. Bucket '{bucket}' is unknown, because its handle was bound without asking ({nameof(NatsKvBucketOptions.AskServer)} = false): it may not exist, or have no leader just now.");

    // What the connected server says of itself tells nothing of a domain or of another account, whose subjects have another prefix.
    private static bool HasNoJetStream(NatsKvServerInfo? server, string subject) => server is { JetStream: false }
        && (subject.StartsWith(JetStreamApi.DefaultPrefix, StringComparison.Ordinal) || subject.StartsWith(BucketStream.SubjectPrefix, StringComparison.Ordinal));

    public static bool IsNoResponders(in NatsReply reply) =>
        reply.Payload.IsEmpty && Wire.HeaderDecoder.Status(reply.Headers.Bytes) == NoRespondersStatus;

    public static NatsKvNotSupportedException NoJetStream(string detail) => new(
        "JetStream", $"The NATS server has no JetStream for this account ({detail}), and Key/Value buckets need it. Start nats-server with -js, or enable JetStream for the account.");

    public static NatsKvNotSupportedException NoKeyTtl(string bucket) => new(
        "per-key TTL",
        $"Bucket '{bucket}' doesn't allow a TTL per key. Set LimitMarkerTtl when it is made (or 'nats kv add {bucket} --marker-ttl 60s'); it needs nats-server 2.11.")
    {
        RequiredApiLevel = Capability.KeyTtl.ApiLevel,
    };

    /// <summary>The exception for a stream that takes no rollups, which a purge is, and a TTL where history is kept.</summary>
    public static NatsKvBucketConfigException NoRollup(string bucket) => new(
        bucket,
        $"Bucket '{bucket}' doesn't allow rollups (allow_rollup_hdrs), as all Key/Value clients make it: then a key can't be purged, nor written with a TTL where history is kept. "
            + "Allow them in the stream's configuration.");

    public static NatsKvNotSupportedException NoWatchOfMirror(string bucket) => new(
        "watch of a mirror",
        $"Bucket '{bucket}' mirrors another one, whose name its keys' subjects bear; watches and listings of mirrors are not supported. Use the bucket that it mirrors.");
}
