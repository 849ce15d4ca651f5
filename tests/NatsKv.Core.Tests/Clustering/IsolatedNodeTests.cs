using System.Diagnostics;
using NatsKv.TestKit;
using NatsKv.Testing;
using NatsKv.Tests.Watching;

namespace NatsKv.Tests.Clustering;

/// <summary>A node that is cut off from the others keeps its clients, and its consumers keep sending heartbeats.</summary>
public sealed class IsolatedNodeTests
{
    // As long as a leader that was cut off answers at most; see the page on watching.
    private static readonly TimeSpan QuorumLoss = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(500);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Isolated_WatchNeverFollowsBeyondTheBound()
    {
        await using NatsCluster cluster = await NatsCluster.StartAsync(ct: Ct);
        await using var writer = new NatsKvClient(new NatsKvOptions { Url = cluster.Url });
        await writer.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "config", Replicas = 3 }, Ct);
        NatsServer leader = await Eventually.GetAsync(() => cluster.GetStreamLeaderAsync("KV_config", Ct), "the bucket has a leader", ct: Ct);
        NatsServer cutOff = cluster.Nodes.First(node => node != leader);
        NatsServer other = cluster.Nodes.First(node => node != leader && node != cutOff);
        await using var reader = new NatsKvClient(new NatsKvOptions { Url = cutOff.Url });
        await using var remote = new NatsKvClient(new NatsKvOptions { Url = $"{leader.Url},{other.Url}" });
        INatsKvBucket bucket = remote.Bind("config");
        await using INatsKvWatch watch = reader.Bind("config").StartWatch(new RecordingHandler(static _ => { }), new NatsKvWatchOptions { IdleHeartbeat = Heartbeat });
        ulong first = await bucket.PutAsync("key", "1", cancellationToken: Ct);
        await watch.WaitForRevisionAsync(first, Ct).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Ct);
        await watch.WaitForStateAsync(NatsKvWatchState.Following, Ct).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Ct);

        await cluster.IsolateAsync(cutOff, Ct);
        ulong missed = 0;
        await Eventually.TrueAsync(
            async () =>
            {
                missed = await bucket.PutAsync("key", "2", cancellationToken: Ct);
                return true;
            },
            "a write to the majority",
            TimeSpan.FromSeconds(60),
            Ct);
        long acknowledged = Stopwatch.GetTimestamp();
        await Eventually.TrueAsync(() => watch.State != NatsKvWatchState.Following, "the watch doesn't claim to follow", (Heartbeat * 3) + QuorumLoss, Ct);
        TimeSpan took = Stopwatch.GetElapsedTime(acknowledged);
        Assert.True(watch.LastRevision < missed);
        TestContext.Current.TestOutputHelper?.WriteLine($"No longer following after {took.TotalSeconds:0.0} s.");

        await cluster.HealAsync(cutOff, Ct);
        await watch.WaitForRevisionAsync(missed, Ct).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Ct);
        await watch.WaitForStateAsync(NatsKvWatchState.Following, Ct).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Ct);
    }
}
