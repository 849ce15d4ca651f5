using System.Globalization;

namespace NatsKv.Tests.Watching.Fire;

/// <summary>How long the fire burns: about 40 seconds a test, or as two environment variables say (see CONTRIBUTING.md).</summary>
internal static class FireSettings
{
    /// <summary>A longer run consists of rounds of this length, each with the next seed and new servers.</summary>
    public static readonly TimeSpan Round = TimeSpan.FromSeconds(40);

    /// <summary>
    /// How long a leader that is cut off from the others goes on giving messages as the leader: part of the documented bound. For 4 to 8 s as
    /// measured; if it leads the cluster's own group too, until it looks, once in 10 s, whether it has heard of the others in the last 10 s.
    /// </summary>
    public static readonly TimeSpan QuorumLoss = TimeSpan.FromSeconds(20);

    /// <summary>NATSKV_FIRE_SECONDS: how long each test goes on beginning rounds.</summary>
    public static TimeSpan Total { get; } = Number("NATSKV_FIRE_SECONDS") is { } seconds ? TimeSpan.FromSeconds(seconds) : Round;

    /// <summary>NATSKV_FIRE_SEED: the first round's seed.</summary>
    public static int Seed(int otherwise) => Number("NATSKV_FIRE_SEED") ?? otherwise;

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
