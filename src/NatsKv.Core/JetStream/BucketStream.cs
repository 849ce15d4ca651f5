using System.Text;

namespace NatsKv.JetStream;

/// <summary>How a bucket becomes a stream, and back (ADR-8).</summary>
internal static class BucketStream
{
    /// <summary>What the subjects of all buckets begin with.</summary>
    public const string SubjectPrefix = "$KV.";

    private const string Prefix = "KV_";
    private const int MaxHistory = 64;
    private const int MaxReplicas = 5;
    private const int MaxDescription = 4 * 1024;

    // The server refuses shorter ones.
    private static readonly TimeSpan ShortestAge = TimeSpan.FromMilliseconds(100);

    // 292 years: what 64 bits of nanoseconds hold.
    private static readonly TimeSpan LongestTime = FromNanoseconds(long.MaxValue);
    private static readonly TimeSpan DefaultDuplicateWindow = TimeSpan.FromMinutes(2);

    public static string NameOf(string bucket) => Prefix + bucket;

    /// <summary>The bucket of a stream's name; <see langword="null"/> if it is no bucket's.</summary>
    public static string? BucketOf(string stream) => stream.StartsWith(Prefix, StringComparison.Ordinal) ? stream[Prefix.Length..] : null;

    /// <summary>Whether a stream is a Key/Value bucket.</summary>
    public static bool IsBucket(StreamConfigDocument config) => config.MaxMessagesPerSubject >= 1;

    public static StreamConfigDocument ToStream(NatsKvBucketConfig config)
    {
        Validate(config);
        TimeSpan maxAge = config.MaxAge ?? TimeSpan.Zero;
        return new StreamConfigDocument
        {
            Name = NameOf(config.Bucket),
            Description = config.Description,
            Subjects = [$"{SubjectPrefix}{config.Bucket}.>"],
            Storage = config.Storage == NatsKvStorage.Memory ? "memory" : "file",
            Replicas = config.Replicas,
            MaxMessagesPerSubject = config.History,
            MaxBytes = config.MaxBytes ?? -1,
            MaxMessageSize = config.MaxValueSize ?? -1,
            MaxAge = Nanoseconds(maxAge),
            DuplicateWindow = Nanoseconds(maxAge > TimeSpan.Zero && maxAge < DefaultDuplicateWindow ? maxAge : DefaultDuplicateWindow),
            DenyDelete = true,
            AllowRollup = true,
            AllowDirect = config.AllowDirectGet,
            Compression = config.Compression ? "s2" : null,
            AllowMessageTtl = config.AllowKeyTtl || config.LimitMarkerTtl is not null ? true : null,
            SubjectDeleteMarkerTtl = config.LimitMarkerTtl is { } marker ? Nanoseconds(marker) : null,
            Placement = config.Placement is { } placement
                ? new PlacementDocument { Cluster = placement.Cluster, Tags = placement.Tags.Count == 0 ? null : [.. placement.Tags] }
                : null,
            Metadata = config.Metadata is { Count: > 0 } metadata ? new SortedDictionary<string, string>(metadata.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal) : null,
        };
    }

    public static NatsKvBucketConfig FromStream(string bucket, StreamConfigDocument config) => new()
    {
        Bucket = bucket,
        Description = config.Description,
        History = (int)config.MaxMessagesPerSubject,
        MaxAge = config.MaxAge > 0 ? FromNanoseconds(config.MaxAge) : null,
        AllowKeyTtl = config.AllowMessageTtl is true && config.SubjectDeleteMarkerTtl is not > 0,
        LimitMarkerTtl = config.SubjectDeleteMarkerTtl is > 0 and { } marker ? FromNanoseconds(marker) : null,
        AllowDirectGet = config.AllowDirect,
        MaxValueSize = config.MaxMessageSize > 0 ? config.MaxMessageSize : null,
        MaxBytes = config.MaxBytes > 0 ? config.MaxBytes : null,
        Storage = config.Storage == "memory" ? NatsKvStorage.Memory : NatsKvStorage.File,
        Replicas = config.Replicas,
        Compression = config.Compression is "s2",
        Placement = config.Placement is { } placement ? new NatsKvPlacement { Cluster = placement.Cluster, Tags = placement.Tags ?? [] } : null,
        Metadata = OwnMetadata(config.Metadata) is { Count: > 0 } metadata ? metadata : null,
    };

    // The server adds entries of its own.
    private static NatsKvMetadata? OwnMetadata(IReadOnlyDictionary<string, string>? metadata) => metadata is null
        ? null
        : new NatsKvMetadata(metadata.Where(static item => item.Key.Length > 0 && !item.Key.StartsWith(NatsKvMetadata.ServerPrefix, StringComparison.Ordinal)));

    private static void Validate(NatsKvBucketConfig config)
    {
        Keys.KeyRules.ThrowIfNotBucket(config.Bucket, nameof(config.Bucket));
        Require(config.History is >= 1 and <= MaxHistory, nameof(config.History), config.History, $"1 to {MaxHistory} revisions");
        Require(config.Replicas is >= 1 and <= MaxReplicas, nameof(config.Replicas), config.Replicas, $"1 to {MaxReplicas}");
        Require(config.Description is null || Encoding.UTF8.GetByteCount(config.Description) <= MaxDescription, nameof(config.Description), "too long", $"{MaxDescription} bytes at most");
        Require(config.MaxAge is null || config.MaxAge >= ShortestAge, nameof(config.MaxAge), config.MaxAge, "0.1 seconds or longer");
        Require(config.MaxBytes is null or > 0, nameof(config.MaxBytes), config.MaxBytes, "greater than zero");
        Require(config.MaxValueSize is null or > 0, nameof(config.MaxValueSize), config.MaxValueSize, "greater than zero");
        Require(
            config.LimitMarkerTtl is null || config.LimitMarkerTtl >= TimeSpan.FromSeconds(1),
            nameof(config.LimitMarkerTtl),
            config.LimitMarkerTtl,
            "one second or longer");
        Require(!(config.MaxAge > LongestTime), nameof(config.MaxAge), config.MaxAge, $"{LongestTime.TotalDays:0} days or shorter");
        Require(!(config.LimitMarkerTtl > LongestTime), nameof(config.LimitMarkerTtl), config.LimitMarkerTtl, $"{LongestTime.TotalDays:0} days or shorter");

        void Require(bool holds, string setting, object? value, string rule)
        {
            if (!holds)
            {
                throw new ArgumentException($"{setting} of bucket '{config.Bucket}' is {value}; it must be {rule}.");
            }
        }
    }

    private static long Nanoseconds(TimeSpan time) => checked(time.Ticks * 100);

    private static TimeSpan FromNanoseconds(long nanoseconds) => TimeSpan.FromTicks(nanoseconds / 100);
}
