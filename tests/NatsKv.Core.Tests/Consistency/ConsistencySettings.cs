using System.Globalization;

namespace NatsKv.Tests.Consistency;

/// <summary>How long leaders are killed and deposed: for a few seconds, or as two environment variables say (see CONTRIBUTING.md).</summary>
internal static class ConsistencySettings
{
    /// <summary>NATSKV_CONSISTENCY_SECONDS: how long new rounds begin. A round kills one leader and deposes another.</summary>
    public static TimeSpan Total { get; } = TimeSpan.FromSeconds(Number("NATSKV_CONSISTENCY_SECONDS") ?? 5);

    /// <summary>NATSKV_CONSISTENCY_SEED: what the clients do, and whether a killed node comes back before the others have elected.</summary>
    public static int Seed { get; } = Number("NATSKV_CONSISTENCY_SEED") ?? 1;

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
