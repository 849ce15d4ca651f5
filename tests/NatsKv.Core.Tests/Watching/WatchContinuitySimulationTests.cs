using NatsKv.Tests.Watching.Simulation;

namespace NatsKv.Tests.Watching;

public sealed class WatchContinuitySimulationTests
{
    [Theory]
    [InlineData(false, ">")]
    [InlineData(false, "w*")]
    [InlineData(true, ">")]
    [InlineData(true, "w*")]
    public void AnyHistory_ThingsGoWithAndWithoutATrace_TheViewIsRightAndGivenAnewOnlyWithNeed(bool keysCanExpire, string filter)
    {
        int seeds = 0;
        int resets = 0;
        int looks = 0;
        int setBacks = 0;
        int beyondProof = 0;
        foreach (int seed in SimulationSeeds.Usual(3000))
        {
            var view = new SimulatedView(seed, keysCanExpire, filter);
            try
            {
                view.Run(steps: 30 + (seed % 150));
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Seed {seed}: {exception.Message}", exception);
            }

            seeds++;
            resets += view.Resets;
            looks += view.Looks;
            setBacks += view.SetBacks;
            beyondProof += view.IsBeyondProof ? 1 : 0;
        }

        Assert.True(resets > seeds / 4 && looks > seeds / 4 && setBacks > seeds / 8, $"{resets} resets, {looks} looks, {setBacks} set back are too few to mean something.");
        Assert.True(beyondProof < seeds / 8, $"{beyondProof} of {seeds} runs were given up.");
    }
}
