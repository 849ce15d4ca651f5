using System.Diagnostics;
using NatsKv.Testing;

namespace NatsKv.Tests.Watching.Fire;

/// <summary>A node that is cut off from the others goes on sending heartbeats to those who follow a bucket through it.</summary>
public sealed class IsolatedNodeTests(Cluster cluster) : IClassFixture<Cluster>
{
    // Two missed are silence; on a busy machine one comes two seconds late.
    private static readonly TimeSpan IdleHeartbeat = TimeSpan.FromSeconds(2);

    // The documented bound: three heartbeats, and how long a node takes to know that it is cut off.
    private static readonly TimeSpan Bound = (IdleHeartbeat * 3) + FireSettings.QuorumLoss;
    private static readonly TimeSpan ServersPatience = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OurNodeIsCutOffWithItsConsumer_NeverFollowsBeyondTheBoundThoughHeartbeatsGoOn(bool isLeader)
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await cluster.NewBucketAsync();
        await using NatsKvClient _ = writer;
        NatsServer leader = await cluster.LeaderAsync(bucket);
        NatsServer ours = cluster.Servers.Nodes.First(node => node == leader == isLeader);
        await using NatsKvClient client = Cluster.NewClient(ours);
        (INatsKvWatch watch, FireView view) = await cluster.StartWatchAsync(client.Bind(bucket.Name), IdleHeartbeat, node => node == ours);
        await using INatsKvWatch running = watch;
        await using NatsKvClient others = new(new NatsKvOptions
        {
            Url = string.Join(',', cluster.Servers.Nodes.Where(node => node != ours).Select(static node => node.Url)), RequestTimeout = TimeSpan.FromSeconds(1),
        });

        await cluster.Servers.IsolateAsync(ours, Ct);
        ulong revision;
        try
        {
            revision = await Cluster.PutAsync(others.Bind(bucket.Name), "key", "unseen");
            long written = Stopwatch.GetTimestamp();

            // For two seconds on end: before the bound a node that still takes itself for the leader may prove the view once more.
            for (int i = 0; i < 40; i++)
            {
                TimeSpan passed = Stopwatch.GetElapsedTime(written);
                if (watch.State == NatsKvWatchState.Following)
                {
                    Assert.True(passed <= Bound, $"It follows {passed} after the write.");
                    i = 0;
                }

                await Task.Delay(50, Ct);
            }

            Assert.DoesNotContain(view.Interruptions, static cause => cause.Contains("heard nothing", StringComparison.Ordinal));
            Assert.True(watch.LastRevision < revision);
        }
        finally
        {
            await cluster.Servers.HealAsync(ours, CancellationToken.None);
        }

        await watch.WaitForRevisionAsync(revision, Ct).AsTask().WaitAsync(ServersPatience, Ct);
        await watch.WaitForStateAsync(NatsKvWatchState.Following, Ct).AsTask().WaitAsync(ServersPatience, Ct);
        Assert.Equal($"@{revision} unseen", view.Live()["key"]);
        Assert.Equal(0, view.Resets);
        Assert.Empty(view.Broken);
    }
}
