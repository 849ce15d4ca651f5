using NatsKv.Testing;

namespace NatsKv.Tests.Clustering;

/// <summary>On three servers any replica answers a read, and one that lags answers with what was.</summary>
public sealed class ReadYourWritesTests
{
    private const int Pairs = 1500;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PutThenGet_ThroughAnyNode_NeverGivesWhatWas()
    {
        await using NatsCluster cluster = await NatsCluster.StartAsync(ct: Ct);
        NatsKvClient[] clients = [.. cluster.Nodes.Select(static node => new NatsKvClient(new NatsKvOptions { Url = node.Url, RequestTimeout = TimeSpan.FromSeconds(20) }))];
        try
        {
            await clients[0].CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket", Replicas = 3, Storage = NatsKvStorage.Memory }, Ct);
            INatsKvBucket[] buckets = await Task.WhenAll(clients.Select(static client => client.GetBucketAsync("bucket", Ct).AsTask()));

            // Each client reads what it has written itself, and with the revision as a token what another has written.
            await Task.WhenAll(Enumerable.Range(0, 3).Select(writer => RunAsync(buckets[writer], buckets[(writer + 1) % 3], $"key.{writer}")));
        }
        finally
        {
            foreach (NatsKvClient client in clients)
            {
                await client.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task BoundWithoutAsking_BucketMadeAnewMeanwhile_IsReadAsItIs()
    {
        await using NatsCluster cluster = await NatsCluster.StartAsync(ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = cluster.Url, RequestTimeout = TimeSpan.FromSeconds(20) });
        await using var other = new NatsKvClient(new NatsKvOptions { Url = cluster.Url, RequestTimeout = TimeSpan.FromSeconds(20) });
        var config = new NatsKvBucketConfig { Bucket = "bucket", Replicas = 3, Storage = NatsKvStorage.Memory };
        await other.CreateBucketAsync(config, Ct);
        INatsKvBucket bound = client.Bind("bucket");
        for (int i = 0; i < 5; i++)
        {
            await bound.PutAsync("key", $"{i}", cancellationToken: Ct);
        }

        await other.DeleteBucketAsync("bucket", Ct);
        INatsKvBucket anew = await other.CreateBucketAsync(config, Ct);
        await anew.PutAsync("key", "new", cancellationToken: Ct);

        Assert.Equal("new", await bound.GetStringAsync("key", Ct));
    }

    private static async Task RunAsync(INatsKvBucket own, INatsKvBucket other, string key)
    {
        for (int round = 0; round < Pairs; round++)
        {
            if (round % 10 == 9)
            {
                await own.DeleteAsync(key, cancellationToken: Ct);
                Assert.Null(await own.GetAsync(key, Ct));
                continue;
            }

            ulong revision = await own.PutAsync(key, $"{round}", cancellationToken: Ct);
            NatsKvEntry? mine = await own.GetAsync(key, Ct);
            Assert.Equal(($"{round}", revision), (mine?.GetString(), mine?.Revision));
            NatsKvEntry? theirs = await other.GetAsync(key, new NatsKvReadOptions { AtLeastRevision = revision }, Ct);
            Assert.Equal(($"{round}", revision), (theirs?.GetString(), theirs?.Revision));
        }
    }
}
