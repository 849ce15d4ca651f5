using System.Text.Json;
using NatsKv.TestKit;
using NatsKv.Testing;

namespace NatsKv.Tests.Watching.Fire;

/// <summary>A cluster that the tests of a class share; they leave it whole.</summary>
public sealed class Cluster : IAsyncLifetime
{
    private static readonly TimeSpan ServersPatience = TimeSpan.FromSeconds(60);
    private NatsCluster? _servers;
    private int _names;

    public NatsCluster Servers => _servers ?? throw new InvalidOperationException("The fixture is not initialized.");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _servers = await NatsCluster.StartAsync();

    public ValueTask DisposeAsync() => _servers?.DisposeAsync() ?? default;

    /// <summary>A client that finds the node it is on by itself, and a new bucket on all three.</summary>
    public async Task<(NatsKvClient Client, INatsKvBucket Bucket)> NewBucketAsync()
    {
        await Servers.WaitUntilReadyAsync(Ct);
        var client = new NatsKvClient(new NatsKvOptions { Url = Servers.Url, RequestTimeout = TimeSpan.FromSeconds(2) });
        var config = new NatsKvBucketConfig { Bucket = $"bucket-{Interlocked.Increment(ref _names)}", Replicas = Servers.Nodes.Count, History = 4 };
        INatsKvBucket bucket = await Eventually.GetAsync(async () => await client.CreateBucketAsync(config, Ct), "the bucket is made", ServersPatience, Ct);
        return (client, bucket);
    }

    /// <summary>A client on one node only.</summary>
    public static NatsKvClient NewClient(NatsServer node) => new(new NatsKvOptions { Url = node.Url, RequestTimeout = TimeSpan.FromSeconds(2) });

    public async Task<NatsServer> LeaderAsync(INatsKvBucket bucket) =>
        await Eventually.GetAsync(() => Servers.GetStreamLeaderAsync("KV_" + bucket.Name, Ct), "the bucket has a leader", ServersPatience, Ct);

    /// <summary>Starts a watch, again and again, until its consumer happens to be where the test wants it.</summary>
    internal async Task<(INatsKvWatch Watch, FireView View)> StartWatchAsync(INatsKvBucket bucket, TimeSpan idleHeartbeat, Func<NatsServer, bool> isWanted)
    {
        while (true)
        {
            var view = new FireView();
            INatsKvWatch watch = bucket.StartWatch(view, new NatsKvWatchOptions { IdleHeartbeat = idleHeartbeat });
            await watch.WaitForStateAsync(NatsKvWatchState.Following, Ct);
            if (isWanted(await NodeOfConsumerAsync(bucket.Name)))
            {
                return (watch, view);
            }

            await watch.DisposeAsync();
            await Eventually.EqualAsync(0, async () => (await new JetStreamProbe(Servers.Nodes[0]).ConsumersAsync(bucket.Name, Ct)).Length, "consumers", ct: Ct);
        }
    }

    /// <summary>Writes as long as it takes, and returns the revision.</summary>
    public static async Task<ulong> PutAsync(INatsKvBucket bucket, string key, string value)
    {
        ulong revision = 0;
        await Eventually.TrueAsync(async () => (revision = await bucket.PutAsync(key, value, cancellationToken: Ct)) > 0, $"{key} is written", ServersPatience, Ct);
        return revision;
    }

    private async Task<NatsServer> NodeOfConsumerAsync(string bucket)
    {
        string name = await Eventually.GetAsync(
            async () =>
            {
                var probe = new JetStreamProbe(Servers.Nodes[0]);
                string consumer = Assert.Single(await probe.ConsumersAsync(bucket, Ct));
                JsonElement? info = await probe.TryRequestAsync($"$JS.API.CONSUMER.INFO.KV_{bucket}.{consumer}", "", Ct);
                return info?.GetProperty("cluster").GetProperty("leader").GetString();
            },
            "the consumer has a node",
            ServersPatience,
            Ct);
        return Servers.Nodes.Single(node => node.Name == name);
    }
}
