using NatsKv.Testing;

namespace NatsKv.Tests.Buckets;

/// <summary>On a server of its own, because it counts what there is.</summary>
public sealed class BucketListingTests
{
    // More than the server puts on a page: 1024 names, 256 streams.
    private const int Buckets = 1030;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_MoreThanAPageAmongOtherStreams_GivesEachBucketOnce()
    {
        await using NatsServer server = await NatsServer.StartAsync(ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = server.Url });
        Assert.Empty(await client.ListBucketNamesAsync(Ct).ToListAsync(Ct));
        Assert.Empty(await client.ListBucketsAsync(Ct).ToListAsync(Ct));
        await using var raw = new RawApi(server.Url);
        await raw.AskAsync("STREAM.CREATE.KV_queue", """{"name":"KV_queue","subjects":["queue.>"],"storage":"memory"}""");
        await raw.AskAsync("STREAM.CREATE.other", """{"name":"other","subjects":["$KV.other.>"],"storage":"memory","max_msgs_per_subject":1}""");
        string[] expected = [.. Enumerable.Range(0, Buckets).Select(static number => $"b{number:0000}")];
        await Parallel.ForEachAsync(
            expected,
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Ct },
            async (name, ct) => await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = name, Storage = NatsKvStorage.Memory }, ct));

        Assert.Equal(expected, await client.ListBucketNamesAsync(Ct).Order().ToListAsync(Ct));
        List<NatsKvBucketStatus> statuses = await client.ListBucketsAsync(Ct).ToListAsync(Ct);
        Assert.Equal(expected, statuses.Select(static status => status.Bucket).Order());
        Assert.All(statuses, static status => Assert.Equal(status.Bucket, status.Config.Bucket));
    }
}
