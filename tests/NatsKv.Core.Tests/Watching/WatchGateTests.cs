using NatsKv.TestKit;
using NatsKv.Watching;

namespace NatsKv.Tests.Watching;

public sealed class WatchGateTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 10)]
    [InlineData(30, 300)]
    [InlineData(100, 1000)]
    [InlineData(5000, 1000)]
    public void SpreadFor_GrowsWithTheWatchesUpToASecond(int watches, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), WatchGate.SpreadFor(watches));

    [Fact]
    public async Task FirstStarts_AreNotDelayedButLimited()
    {
        var gate = new WatchGate(new ManualTimeProvider(), static () => 1);
        Task[] starts = [.. Enumerable.Range(0, 20).Select(_ => gate.BeginStartAsync(isReconnect: false, Ct).AsTask())];

        Assert.Equal(16, starts.Count(static start => start.IsCompletedSuccessfully));
        gate.EndStart();

        await Eventually.EqualAsync(17, () => starts.Count(static start => start.IsCompletedSuccessfully), "starts under way", ct: Ct);
    }

    [Fact]
    public async Task StartsAfterAReconnect_AreSpread()
    {
        var time = new ManualTimeProvider();
        double next = 0;
        var gate = new WatchGate(time, () => next += 0.1);
        for (int i = 0; i < 10; i++)
        {
            gate.Join();
        }

        Task[] starts = [.. Enumerable.Range(0, 9).Select(_ => gate.BeginStartAsync(isReconnect: true, Ct).AsTask())];
        Assert.DoesNotContain(starts, static start => start.IsCompleted);

        // Ten watches: over a tenth of a second.
        time.Advance(TimeSpan.FromMilliseconds(45));
        await Eventually.EqualAsync(4, () => starts.Count(static start => start.IsCompleted), "starts under way", ct: Ct);
        time.Advance(TimeSpan.FromMilliseconds(55));
        await Task.WhenAll(starts).WaitAsync(TimeSpan.FromSeconds(30), Ct);
    }
}
