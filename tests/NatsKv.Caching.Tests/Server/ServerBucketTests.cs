using Microsoft.Extensions.Options;
using NatsKv.TestKit;
using NatsKv.Testing;

namespace NatsKv.Caching.Tests.Server;

/// <summary>Preparation of the bucket, sizes and failures on real servers.</summary>
public sealed class ServerBucketTests(CacheServer server)
{
    private static readonly byte[] Value = [1, 2, 3];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Use_BucketMissing_IsMadeAsConfigured(bool sync)
    {
        string name = server.NewName("made");
        using NatsKvCache cache = server.Cache(name, o => o.MaxBytes = 10 << 20);

        await new Contract.CacheFace(cache, sync).SetAsync("key", Value);

        NatsKvBucketStatus status = await server.Client.Bind(name).GetStatusAsync(Ct);
        Assert.True(status.AllowsKeyTtl);
        Assert.True(status.AllowsDirectGet);
        Assert.Equal(1, status.Config.History);
        Assert.Equal(TimeSpan.FromSeconds(60), status.Config.LimitMarkerTtl);
        Assert.Equal(NatsKvStorage.Memory, status.Config.Storage);
        Assert.Equal(10 << 20, status.Config.MaxBytes);
    }

    [Theory]
    [InlineData(5, true, "keeps 5 revisions")]
    [InlineData(1, false, "doesn't allow a TTL per key")]
    public async Task Use_UnfitBucket_IsRefusedAndUnchanged(int history, bool markers, string fault)
    {
        string name = server.NewName("unfit");
        var config = new NatsKvBucketConfig { Bucket = name, History = history, LimitMarkerTtl = markers ? TimeSpan.FromSeconds(2) : null };
        await server.Client.CreateBucketAsync(config, Ct);
        using NatsKvCache cache = server.Cache(name);

        var error = await Assert.ThrowsAsync<NatsKvBucketConfigException>(() => cache.GetAsync("key", Ct));
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
        error = Assert.Throws<NatsKvBucketConfigException>(() => cache.Get("key"));
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);

        Assert.Equal(config.History, (await server.Client.Bind(name).GetStatusAsync(Ct)).Config.History);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Use_BucketDeletedMeanwhile_IsMadeAgain(bool sync)
    {
        string name = server.NewName("deleted");
        using NatsKvCache cache = server.Cache(name);
        var face = new Contract.CacheFace(cache, sync);
        await face.SetAsync("key", Value);
        await server.Client.DeleteBucketAsync(name, Ct);

        await Assert.ThrowsAsync<NatsKvBucketNotFoundException>(() => face.GetAsync("key"));

        Assert.Null(await face.GetAsync("key"));
        await face.SetAsync("key", Value);
        Assert.Equal(Value, await face.GetAsync("key"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Set_BucketDeletedMeanwhile_IsMadeAgainByTheNextCall(bool sync)
    {
        string name = server.NewName("deleted");
        using NatsKvCache cache = server.Cache(name);
        var face = new Contract.CacheFace(cache, sync);
        await face.SetAsync("key", Value);
        await server.Client.DeleteBucketAsync(name, Ct);

        await Assert.ThrowsAsync<NatsKvBucketNotFoundException>(() => face.SetAsync("key", Value));

        await face.SetAsync("key", Value);
        Assert.Equal(Value, await face.GetAsync("key"));
    }

    [Theory]
    [InlineData(NatsServerVersion.V2_10, false)]
    [InlineData(NatsServerVersion.V2_10, true)]
    [InlineData(NatsServerVersion.V2_9, false)]
    [InlineData(NatsServerVersion.V2_9, true)]
    public async Task Use_OldServer_IsRefusedWithTheRemedyAndNothingIsMade(NatsServerVersion version, bool sync)
    {
        await using NatsServer old = await NatsServer.StartAsync(new NatsServerOptions { ServerVersion = version }, Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = old.Url });
        using var cache = new NatsKvCache(client, Options.Create(new NatsKvCacheOptions()));

        var error = await Assert.ThrowsAsync<NatsKvNotSupportedException>(() => new Contract.CacheFace(cache, sync).GetAsync("key"));

        Assert.Equal("per-key TTL", error.Feature);
        Assert.Contains("2.11", error.Message, StringComparison.Ordinal);
        Assert.Contains(old.Version, error.Message, StringComparison.Ordinal);
        Assert.Null(client.Blocking.FindBucket("cache", Ct));
    }

    [Fact]
    public async Task Set_ValueOfExactlyTheLimit_IsStoredAndOneByteMoreIsNot()
    {
        using NatsKvCache cache = server.Cache(server.NewName("size"));
        await cache.SetAsync("before", Value, new(), Ct);
        int headers = "NATS/1.0\r\nKvc: 1\r\n\r\n".Length;
        byte[] largest = new byte[server.Client.Server!.MaxPayload - headers];
        Random.Shared.NextBytes(largest);

        await cache.SetAsync("largest", largest, new(), Ct);
        Assert.Equal(largest, await cache.GetAsync("largest", Ct));
        Assert.Equal(largest, cache.Get("largest"));

        await Assert.ThrowsAsync<NatsKvValueTooLargeException>(() => cache.SetAsync("largest", [.. largest, 1], new(), Ct));
        Assert.Null(await cache.GetAsync("largest", Ct));
        Assert.Equal(Value, await cache.GetAsync("before", Ct));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Set_ValueAboveTheBucketsOwnLimit_TheOldOneIsNotServed(bool sync)
    {
        string name = server.NewName("size");
        await server.Client.CreateBucketAsync(
            new NatsKvBucketConfig { Bucket = name, LimitMarkerTtl = TimeSpan.FromSeconds(60), MaxValueSize = 1000 }, Ct);
        using NatsKvCache cache = server.Cache(name);
        var face = new Contract.CacheFace(cache, sync);
        await face.SetAsync("key", Value);

        await Assert.ThrowsAnyAsync<NatsKvException>(() => face.SetAsync("key", new byte[1001]));

        Assert.Null(await face.GetAsync("key"));
        await face.SetAsync("sliding", new byte[744], new() { SlidingExpiration = TimeSpan.FromSeconds(5) });
        await face.RefreshAsync("sliding");
        await Assert.ThrowsAsync<NatsKvValueTooLargeException>(
            () => face.SetAsync("sliding", new byte[745], new() { SlidingExpiration = TimeSpan.FromSeconds(5) }));
        Assert.Null(await face.GetAsync("sliding"));
    }

    [Fact]
    public async Task Get_LargestSlidingValue_CanBeTouched()
    {
        string name = server.NewName("size");
        using NatsKvCache cache = server.Cache(name);
        Assert.Null(await cache.GetAsync("key", Ct));
        byte[] value = new byte[server.Client.Server!.MaxPayload - 256];
        await cache.SetAsync(
            "key", value, new() { SlidingExpiration = TimeSpan.FromSeconds(9), AbsoluteExpirationRelativeToNow = TimeSpan.FromDays(10000) }, Ct);
        ulong set = (await server.Client.Bind(name).GetAsync("key", Ct))!.Revision;

        await cache.RefreshAsync("key", Ct);

        Assert.Equal(set + 1, (await server.Client.Bind(name).GetAsync("key", Ct))!.Revision);
        await Assert.ThrowsAsync<NatsKvValueTooLargeException>(
            () => cache.SetAsync("key", [.. value, 1], new() { SlidingExpiration = TimeSpan.FromSeconds(9) }, Ct));
    }

    [Fact]
    public async Task Set_CancelledWhileUnderWay_TheBufferIsTheCallersAgain()
    {
        using NatsKvCache cache = server.Cache(server.NewName("cancel"));
        await cache.SetAsync("key", Value, new(), Ct);
        byte[] buffer = new byte[300_000];
        for (int i = 0; i < 50; i++)
        {
            buffer.AsSpan().Fill(7);
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Ct);
            Task set = cache.SetAsync("key", buffer, new(), cancel.Token);
            await cancel.CancelAsync();
            try
            {
                await set;
            }
            catch (OperationCanceledException)
            {
            }

            buffer.AsSpan().Fill(8);
            byte[] stored = (await cache.GetAsync("key", Ct))!;
            Assert.True(stored.AsSpan().SequenceEqual(Value) || !stored.AsSpan().ContainsAnyExcept((byte)7));
        }
    }

    [Fact]
    public async Task Use_ServerDown_ThrowsAndRecovers()
    {
        await using NatsServer mine = await NatsServer.StartAsync(ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = mine.Url, RequestTimeout = TimeSpan.FromSeconds(1) });
        using var cache = new NatsKvCache(client, Options.Create(new NatsKvCacheOptions()));
        await mine.StopAsync(Ct);

        await Assert.ThrowsAnyAsync<NatsKvException>(() => cache.GetAsync("key", Ct));
        await Assert.ThrowsAnyAsync<NatsKvException>(() => new Contract.CacheFace(cache, sync: true).GetAsync("key"));
        await mine.RestartAsync(ct: Ct);

        await Eventually.TrueAsync(async () => await cache.GetAsync("key", Ct) is null, "the cache works again", ct: Ct);
        await Eventually.TrueAsync(
            async () =>
            {
                await cache.SetAsync("key", Value, new(), Ct);
                return true;
            },
            "the cache takes an entry, if not within the short time of one request",
            ct: Ct);
        await mine.KillAsync(Ct);
        await Assert.ThrowsAnyAsync<NatsKvException>(() => cache.GetAsync("key", Ct));
        await mine.RestartAsync(ct: Ct);
        await Eventually.TrueAsync(async () => (await cache.GetAsync("key", Ct))!.Length == 3, "the entry is there again", ct: Ct);
    }
}
