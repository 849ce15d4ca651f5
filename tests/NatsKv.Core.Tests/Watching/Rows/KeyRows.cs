using System.Diagnostics;
using System.Globalization;
using NatsKv.TestKit;
using NatsKv.Testing;

namespace NatsKv.Tests.Watching.Rows;

/// <summary>W19, W20, W21: the keys, their number, and that a listing ends whatever happens to its bucket.</summary>
public sealed class KeyRows(ServerVersions servers) : RowTests(servers)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W19_EmptyBucket_HasNoKeys(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version);

        Assert.Empty(await bucket.GetKeysAsync(cancellationToken: Ct).ToListAsync(Ct));
        Assert.Equal(0, await bucket.CountKeysAsync(cancellationToken: Ct));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W19_AllKeysDeleted_HasNoKeys(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version, config => config with { History = 3 });
        foreach (string key in (string[])["a", "b", "c"])
        {
            await bucket.PutAsync(key, "1", cancellationToken: Ct);
        }

        await bucket.DeleteAsync("a", cancellationToken: Ct);
        await bucket.PurgeAsync("b", cancellationToken: Ct);
        await bucket.DeleteAsync("c", cancellationToken: Ct);

        Assert.Empty(await bucket.GetKeysAsync(cancellationToken: Ct).ToListAsync(Ct));
        Assert.Equal(0, await bucket.CountKeysAsync(cancellationToken: Ct));
        Assert.Equal(3, (await bucket.GetStatusAsync(Ct)).Keys);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W19_PurgedStream_HasNoKeys(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version);
        await FillAsync(bucket, 20, static _ => "v");

        await AskAsync($"STREAM.PURGE.KV_{bucket.Name}", "", version);

        Assert.Empty(await bucket.GetKeysAsync(cancellationToken: Ct).ToListAsync(Ct));
        Assert.Equal(0, await bucket.CountKeysAsync("key.*", Ct));
    }

    [Fact]
    public async Task W19_ExpiredKeys_AreNoKeys()
    {
        INatsKvBucket bucket = await NewBucketAsync(change: config => config with { LimitMarkerTtl = TimeSpan.FromSeconds(60) });
        await bucket.PutAsync("b", "1", cancellationToken: Ct);
        WatchReader watch = Watch(bucket);
        Assert.Equal(["b=1 Put", "complete"], await watch.ReadAsync(2));
        await bucket.PutAsync("a", "1", TimeSpan.FromSeconds(1), Ct);
        Assert.Equal(["a=1 Put", "a= Purge"], await watch.ReadAsync(2));

        Assert.Equal(["b"], await bucket.GetKeysAsync(cancellationToken: Ct).ToListAsync(Ct));
        Assert.Equal(1, await bucket.CountKeysAsync(cancellationToken: Ct));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W20_ConstantWrites_GiveEachKeyOnce(NatsServerVersion version)
    {
        const int Count = 2000;
        INatsKvBucket bucket = await NewBucketAsync(version, config => config with { History = 3 });
        await FillAsync(bucket, Count, static _ => "0");
        using var writing = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        Task writer = Task.Run(
            async () =>
            {
                for (int i = 0; !writing.IsCancellationRequested; i++)
                {
                    await bucket.PutAsync(string.Create(CultureInfo.InvariantCulture, $"key.{i % Count}"), "1", cancellationToken: Ct);
                }
            },
            Ct);

        for (int round = 0; round < 3; round++)
        {
            List<string> keys = await bucket.GetKeysAsync(cancellationToken: Ct).ToListAsync(Ct);
            Assert.Equal(Count, keys.Distinct(StringComparer.Ordinal).Count());
            Assert.Equal(Count, keys.Count);
            Assert.Equal(Count, await bucket.CountKeysAsync(cancellationToken: Ct));
        }

        await writing.CancelAsync();
        await writer;
        await AssertNoConsumerAsync(bucket.Name, version);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W21_SeveralFilters_GiveAndCountTheirKeys(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version);
        foreach (string key in (string[])["a.1", "a.2", "b.1", "b.2", "c", "d"])
        {
            await bucket.PutAsync(key, "v", cancellationToken: Ct);
        }

        await bucket.DeleteAsync("a.2", cancellationToken: Ct);

        Assert.Equal(["a.1", "b.2", "c"], await bucket.GetKeysAsync(["a.*", "b.2", "c", "x.>"], Ct).ToListAsync(Ct));
        Assert.Equal(3, await bucket.CountKeysAsync(["a.*", "b.2", "c", "x.>"], Ct));
        Assert.Equal(5, await bucket.CountKeysAsync(cancellationToken: Ct));
        Assert.Equal(2, await bucket.CountKeysAsync("b.>", Ct));
        await Assert.ThrowsAsync<ArgumentException>(async () => await bucket.CountKeysAsync([], Ct));
        await Assert.ThrowsAsync<ArgumentException>(async () => await bucket.GetKeysAsync(["a", "b..c"], Ct).ToListAsync(Ct));
    }

    [Fact]
    public async Task W21_KeyRemovedOrRewrittenWhileItIsCounted_CountsOnceOrNoMore()
    {
        INatsKvBucket bucket = ScriptedBucket.Of(
            ScriptedBucket.Entry("a"),
            ScriptedBucket.Entry("b"),
            ScriptedBucket.Entry("a"),
            ScriptedBucket.Entry("b", NatsKvOperation.Delete),
            ScriptedBucket.Entry("c", NatsKvOperation.Purge),
            new NatsKvWatchEvent(NatsKvWatchEventKind.InitialDataComplete),
            ScriptedBucket.Entry("d"));

        Assert.Equal(1, await bucket.CountKeysAsync(cancellationToken: Ct));
    }

    [Theory]
    [InlineData(NatsServerVersion.Latest, false)]
    [InlineData(NatsServerVersion.Latest, true)]
    [InlineData(NatsServerVersion.V2_10, false)]
    [InlineData(NatsServerVersion.V2_9, false)]
    public async Task W20_BucketDeletedWhileItIsListed_Throws(NatsServerVersion version, bool history)
    {
        INatsKvBucket bucket = await NewLargeBucketAsync(version, history);
        await using IAsyncEnumerator<string> keys = Listing(bucket, history).GetAsyncEnumerator(Ct);
        Assert.True(await keys.MoveNextAsync());

        await (await NewClientAsync(version)).DeleteBucketAsync(bucket.Name, Ct);

        await Assert.ThrowsAsync<NatsKvBucketNotFoundException>(() => DrainAsync(keys).WaitAsync(Soon, Ct));
    }

    [Theory]
    [InlineData(NatsServerVersion.Latest, false)]
    [InlineData(NatsServerVersion.Latest, true)]
    [InlineData(NatsServerVersion.V2_10, false)]
    [InlineData(NatsServerVersion.V2_9, true)]
    public async Task W20_BucketMadeAnewWhileItIsListed_ThrowsAndMixesNothing(NatsServerVersion version, bool history)
    {
        INatsKvBucket bucket = await NewLargeBucketAsync(version, history);
        await using IAsyncEnumerator<string> keys = Listing(bucket, history).GetAsyncEnumerator(Ct);
        Assert.True(await keys.MoveNextAsync());

        NatsKvClient client = await NewClientAsync(version);
        await client.DeleteBucketAsync(bucket.Name, Ct);
        INatsKvBucket remade = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = bucket.Name, Storage = NatsKvStorage.Memory }, Ct);
        await remade.PutAsync("new", "1", cancellationToken: Ct);

        var seen = new List<string>();
        NatsKvBucketResetException thrown = await Assert.ThrowsAsync<NatsKvBucketResetException>(() => DrainAsync(keys, seen).WaitAsync(Soon, Ct));
        Assert.True(thrown.IsTransient);
        Assert.DoesNotContain("new", seen, StringComparer.Ordinal);
    }

    [Fact]
    public async Task W20_ServerGoneWhileItIsListed_ThrowsAfterTheRequestTimeout()
    {
        await using NatsServer own = await NatsServer.StartAsync(ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = own.Url, RequestTimeout = TimeSpan.FromSeconds(1) });
        INatsKvBucket bucket = client.Bind("bucket");
        string value = new('v', 50_000);
        await using (var patient = new NatsKvClient(new NatsKvOptions { Url = own.Url }))
        {
            await FillAsync(await patient.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket", Storage = NatsKvStorage.Memory }, Ct), 400, _ => value);
        }

        // To begin with, too, a request may take no longer than a second; a busy machine may need another try.
        await using IAsyncEnumerator<string> keys = await Eventually.GetAsync(
            async () =>
            {
                IAsyncEnumerator<string> begun = Listing(bucket, history: true).GetAsyncEnumerator(Ct);
                try
                {
                    return await begun.MoveNextAsync() ? begun : throw new InvalidOperationException("The listing is empty.");
                }
                catch
                {
                    await begun.DisposeAsync();
                    throw;
                }
            },
            "the listing begins",
            ct: Ct);

        long start = Stopwatch.GetTimestamp();
        await own.KillAsync(Ct);

        NatsKvException thrown = await Assert.ThrowsAnyAsync<NatsKvException>(() => DrainAsync(keys).WaitAsync(Soon, Ct));
        Assert.True(thrown.IsTransient);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task W20_ConnectionCutWhileItIsListed_GoesOn()
    {
        INatsKvBucket bucket = await NewLargeBucketAsync(NatsServerVersion.Latest, withValues: true);
        await using TcpProxy proxy = await TcpProxy.StartAsync("127.0.0.1", (await Servers.GetAsync(NatsServerVersion.Latest)).Port, ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = proxy.Url });
        await using IAsyncEnumerator<string> keys = Listing(client.Bind(bucket.Name), history: true).GetAsyncEnumerator(Ct);
        Assert.True(await keys.MoveNextAsync());

        await proxy.CutAsync();

        var seen = new List<string> { keys.Current };
        await DrainAsync(keys, seen).WaitAsync(Soon, Ct);
        Assert.Equal(Enumerable.Range(0, 400).Select(static i => $"key.{i}"), seen);
    }

    private static IAsyncEnumerable<string> Listing(INatsKvBucket bucket, bool history) =>
        history ? bucket.GetHistoryAsync(">", Ct).Select(static entry => entry.Key) : bucket.GetKeysAsync(cancellationToken: Ct);

    private static async Task DrainAsync(IAsyncEnumerator<string> keys, List<string>? seen = null)
    {
        while (await keys.MoveNextAsync())
        {
            seen?.Add(keys.Current);
        }
    }

    // More than is on the way at a time: long keys where no values are transferred.
    private async Task<INatsKvBucket> NewLargeBucketAsync(NatsServerVersion version, bool withValues)
    {
        INatsKvBucket bucket = await NewBucketAsync(version);
        string value = new('v', 50_000);
        await (withValues ? FillAsync(bucket, 400, _ => value) : FillAsync(bucket, 20_000, static _ => "v", new string('k', 200)));
        return bucket;
    }
}
