namespace NatsKv.Tests.Watching.Fire;

/// <summary>
/// A watch under everything that can happen to one server, its connections and the bucket: what it holds in the end is what the bucket holds,
/// and it never said that it follows when it didn't.
/// </summary>
public sealed class FireOnOneServerTests
{
    [Fact]
    public async Task WatchUnderFire_HoldsWhatTheBucketHoldsAndNeverClaimsMore()
    {
        long begin = TimeProvider.System.GetTimestamp();
        int seed = FireSettings.Seed(2);
        do
        {
            await new FireRun(seed++, isCluster: false, TimeSpan.Zero, TestContext.Current.CancellationToken).RunAsync(FireSettings.Round);
        }
        while (TimeProvider.System.GetElapsedTime(begin) < FireSettings.Total);
    }
}
