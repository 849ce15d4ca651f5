namespace NatsKv.JetStream;

/// <summary>What not every server can do, and from which JetStream API level or version on it can (ADR-44).</summary>
/// <param name="Feature">The name for people.</param>
/// <param name="ApiLevel">The level; 0 where a version decides.</param>
/// <param name="Since">The first version.</param>
/// <param name="Remedy">What else a caller can do.</param>
internal sealed record Capability(string Feature, int ApiLevel, Version Since, string Remedy)
{
    public static Capability KeyTtl { get; } = new("per-key TTL", 1, new Version(2, 11), "leave LimitMarkerTtl and AllowKeyTtl out");

    public static Capability Compression { get; } = new("compression", 0, new Version(2, 10), "leave Compression out");

    public static Capability Metadata { get; } = new("bucket metadata", 0, new Version(2, 10), "leave Metadata out");

    /// <summary>What a configuration needs.</summary>
    public static IEnumerable<Capability> NeededBy(NatsKvBucketConfig config)
    {
        if (config.LimitMarkerTtl is not null || config.AllowKeyTtl)
        {
            yield return KeyTtl;
        }

        if (config.Compression)
        {
            yield return Compression;
        }

        if (config.Metadata is { Count: > 0 })
        {
            yield return Metadata;
        }
    }

    /// <summary>Whether a server lacks it; one whose version can't be read is given a chance.</summary>
    /// <param name="server">The server.</param>
    /// <param name="apiLevel">The level that JetStream itself says it has.</param>
    public bool IsMissing(NatsKvServerInfo? server, int apiLevel) =>
        apiLevel < Math.Max(ApiLevel, 1) && ServerAge.IsBefore(server, Since);

    /// <summary>The refusal.</summary>
    /// <param name="bucket">The bucket for which it was wanted.</param>
    /// <param name="server">The server that lacks it.</param>
    /// <param name="apiLevel">The level that JetStream itself says it has.</param>
    public NatsKvNotSupportedException Refusal(string bucket, NatsKvServerInfo? server, int apiLevel) => new(
        Feature,
        $"Bucket '{bucket}' is to have {Feature}, which needs nats-server {Since} or newer{(ApiLevel > 0 ? $" (JetStream API level {ApiLevel})" : "")}; "
        + $"this one is {server?.Version ?? "older"}. Update the server, or {Remedy}.")
    {
        RequiredApiLevel = ApiLevel,
        ServerApiLevel = Math.Max(apiLevel, server?.ApiLevel ?? 0),
    };
}
