using NatsKv.Tests.Watching.Simulation;
using NatsKv.Watching;

namespace NatsKv.Tests.Watching;

public sealed class WatchCursorSimulationTests
{
    [Theory]
    [InlineData(WatchPlan.LatestOfEachKey, 1)]
    [InlineData(WatchPlan.LatestOfEachKey, 3)]
    [InlineData(WatchPlan.Everything, 1)]
    [InlineData(WatchPlan.Everything, 3)]
    [InlineData(WatchPlan.NewOnly, 1)]
    [InlineData(WatchPlan.NewOnly, 3)]
    public void AnyHistory_WatchedThroughLagsKillsAndLosses_HasNoGapNoRepetitionAndOneCompletion(string policy, int history)
    {
        int kills = 0;
        int resets = 0;
        int completions = 0;
        foreach (int seed in SimulationSeeds.Usual(800))
        {
            var watch = new SimulatedWatch(seed, policy, history);
            try
            {
                watch.Run(steps: 40 + (seed % 160));
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Seed {seed}: {exception.Message}", exception);
            }

            kills += watch.Kills;
            resets += watch.Resets;
            completions += watch.Checked;
        }

        Assert.True(kills > 500 && resets > 50, $"{kills} kills and {resets} resets are too few to mean something.");
        Assert.True(policy == WatchPlan.NewOnly || completions > 500, $"Only {completions} completions were checked.");
    }
}
