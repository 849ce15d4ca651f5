using System.Globalization;

namespace NatsKv.Tests.Watching.Simulation;

/// <summary>
/// How many seeds a simulation runs with: as many as it takes seconds for, or <c>NATSKV_SIMULATION_SEEDS</c>. A failure names its seed;
/// <c>NATSKV_SIMULATION_FIRST</c> begins at another one than 0.
/// </summary>
internal static class SimulationSeeds
{
    public static IEnumerable<int> Usual(int count) => Enumerable.Range(Read("NATSKV_SIMULATION_FIRST") ?? 0, Read("NATSKV_SIMULATION_SEEDS") ?? count);

    private static int? Read(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
