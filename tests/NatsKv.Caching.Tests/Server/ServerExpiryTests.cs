using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Caching.Distributed;
using NatsKv.TestKit;

namespace NatsKv.Caching.Tests.Server;

/// <summary>Expiry where the server's own TTL and clock take part. Lives are as short as a server allows: a second.</summary>
public sealed class ServerExpiryTests(CacheServer server)
{
    private static readonly byte[] Value = [1, 2, 3];

    // Long enough for a machine that stands still for some seconds between a read and the touch that it causes; and a time in which an
    // entry that nothing renews would be gone for certain.
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan LongerThanWindow = TimeSpan.FromSeconds(6.5);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Get_SubSecondLife_EndsByTheReadersClock(bool sync)
    {
        using NatsKvCache cache = server.Cache(server.NewName("expiry"));
        var face = new Contract.CacheFace(cache, sync);
        var clock = new Stopwatch();
        byte[]? read = null;
        for (int round = 0; read is null && round < 20; round++)
        {
            clock.Restart();
            await face.SetAsync("key", Value, new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMilliseconds(400) });
            read = await face.GetAsync("key");

            // A busy machine may take as long to read the entry as it lives.
            Assert.True(read is not null || clock.Elapsed > TimeSpan.FromMilliseconds(395), $"Gone after {clock.Elapsed}.");
        }

        Assert.Equal(Value, read);

        // The server itself removes it after 11 s.
        await Eventually.TrueAsync(async () => await face.GetAsync("key") is null, "the entry has expired", TimeSpan.FromSeconds(8), Ct);

        Assert.True(clock.Elapsed > TimeSpan.FromMilliseconds(395), $"Gone after {clock.Elapsed}.");
    }

    [Fact]
    public async Task Get_SlidingEntryInUse_LivesAndThenVanishesFromTheServer()
    {
        string name = server.NewName("expiry");
        using NatsKvCache cache = server.Cache(name, o =>
        {
            o.ExpirationGrace = TimeSpan.Zero;
            o.LimitMarkerTtl = TimeSpan.FromSeconds(1);
        });
        await cache.SetAsync("key", Value, new() { SlidingExpiration = Window }, Ct);
        var clock = Stopwatch.StartNew();
        int reads = 0;
        while (clock.Elapsed < LongerThanWindow)
        {
            Assert.Equal(Value, await cache.GetAsync("key", Ct));
            reads++;
        }

        Assert.True(reads > 20);
        INatsKvBucket bucket = server.Client.Bind(name);
        await Eventually.EqualAsync(0, async () => (int)(await bucket.GetStatusAsync(Ct)).Values, "what the bucket holds", ct: Ct);
        Assert.Null(await cache.GetAsync("key", Ct));
    }

    [Fact]
    public async Task Get_ManyReadersOfASlidingEntry_NeverMiss()
    {
        using NatsKvCache cache = server.Cache(server.NewName("expiry"));
        using NatsKvCache other = server.Cache(cache.ToString().Split('\'')[1]);
        await cache.SetAsync("key", Value, new() { SlidingExpiration = Window }, Ct);
        var clock = Stopwatch.StartNew();

        // The blocking readers have threads of their own: on the pool's they would keep the others from reading at all.
        long[] reads = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => i % 4 < 2
            ? Task.Run(() => ReadAsync(i % 2 == 0 ? cache : other), Ct)
            : Task.Factory.StartNew(() => Read(i % 2 == 0 ? cache : other), Ct, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        Assert.True(reads.Sum() > 200);

        async Task<long> ReadAsync(NatsKvCache mine)
        {
            long count = 0;
            for (; clock.Elapsed < LongerThanWindow; count++)
            {
                Assert.Equal(Value, await mine.GetAsync("key", Ct));
            }

            return count;
        }

        long Read(NatsKvCache mine)
        {
            long count = 0;
            for (; clock.Elapsed < LongerThanWindow; count++)
            {
                Assert.Equal(Value, mine.Get("key"));
            }

            return count;
        }
    }

    [Fact]
    public async Task Set_WhileOthersTouch_AlwaysStays()
    {
        using NatsKvCache cache = server.Cache(server.NewName("expiry"), TouchAlways);
        var sliding = new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromMinutes(10) };
        for (int i = 0; i < 200; i++)
        {
            byte[] value = BitConverter.GetBytes(i);
            Task[] readers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => cache.GetAsync("key", Ct), Ct))];
            await cache.SetAsync("key", value, sliding, Ct);
            await Task.WhenAll(readers);
            await Settled(cache);

            Assert.Equal(value, await cache.GetAsync("key", Ct));
        }
    }

    [Fact]
    public async Task Remove_WhileOthersTouch_NothingComesBack()
    {
        using NatsKvCache cache = server.Cache(server.NewName("expiry"), TouchAlways);
        var sliding = new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromMinutes(10) };
        for (int i = 0; i < 200; i++)
        {
            await cache.SetAsync("key", Value, sliding, Ct);
            Task[] readers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => cache.GetAsync("key", Ct), Ct)), cache.RefreshAsync("key", Ct)];
            await cache.RemoveAsync("key", Ct);
            await Task.WhenAll(readers);
            await Settled(cache);

            Assert.Null(await cache.GetAsync("key", Ct));
        }
    }

    [Fact]
    public async Task Set_WhenTheOldOneHasExpired_SurvivesTheOldOnesTtl()
    {
        string name = server.NewName("expiry");
        using NatsKvCache cache = server.Cache(name, o => o.ExpirationGrace = TimeSpan.FromSeconds(1));
        var second = new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(1) };
        string[] keys = [.. Enumerable.Range(0, 50).Select(i => $"key{i}")];
        await Task.WhenAll(keys.Select(key => cache.SetAsync(key, Value, second, Ct)));
        await cache.SetAsync("last", Value, second, Ct);

        // What a popular key's users do: write it anew at the moment it is gone.
        await Task.WhenAll(keys.Select(async key =>
        {
            await Eventually.TrueAsync(async () => await cache.GetAsync(key, Ct) is null, "the entry has expired", ct: Ct);
            await cache.SetAsync(key, [9], new(), Ct);
        }));

        // When the server has removed the one that was set last, the old TTLs of the others have passed too.
        INatsKvBucket bucket = server.Client.Bind(name);
        await Eventually.TrueAsync(async () => await bucket.GetAsync("last", Ct) is null, "the server has removed the last entry", ct: Ct);
        foreach (string key in keys)
        {
            Assert.Equal((byte[])[9], await cache.GetAsync(key, Ct));
        }
    }

    [Fact]
    public async Task Remove_Key_VanishesCompletely()
    {
        string name = server.NewName("expiry");
        using NatsKvCache cache = server.Cache(name, o => o.LimitMarkerTtl = TimeSpan.FromSeconds(1));
        await cache.SetAsync("key", Value, new(), Ct);
        await cache.RemoveAsync("key", Ct);
        await cache.RemoveAsync("missing", Ct);

        INatsKvBucket bucket = server.Client.Bind(name);
        await Eventually.EqualAsync(0, async () => (int)(await bucket.GetStatusAsync(Ct)).Values, "what the bucket holds", ct: Ct);
    }

    [Fact]
    public async Task Set_Entry_StandsInTheBucketAsDocumented()
    {
        string name = server.NewName("expiry");
        using NatsKvCache cache = server.Cache(name, o => o.InstanceName = "shop");
        await cache.SetAsync(
            "user:42:cart", Value, new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1), SlidingExpiration = TimeSpan.FromSeconds(20) }, Ct);

        (string Kvc, string Ttl, byte[] Value) stored = await server.Client.Bind(name).ReadAsync(
            "shop=.user.42.cart",
            0,
            static (entry, _) =>
            {
                entry.Headers.TryGet("Kvc"u8, out ReadOnlySpan<byte> kvc);
                entry.Headers.TryGet("Nats-TTL"u8, out ReadOnlySpan<byte> ttl);
                return (Encoding.ASCII.GetString(kvc), Encoding.ASCII.GetString(ttl), entry.Value.ToArray());
            },
            cancellationToken: Ct);

        Assert.Equal("1;x=60000;s=20000;q=2000", stored.Kvc);
        Assert.Equal("32", stored.Ttl.TrimEnd('s'));
        Assert.Equal(Value, stored.Value);
    }

    [Fact]
    public async Task Get_PlainPut_IsReadable()
    {
        string name = server.NewName("expiry");
        using NatsKvCache cache = server.Cache(name);
        Assert.Null(await cache.GetAsync("a:b", Ct));
        INatsKvBucket bucket = server.Client.Bind(name);

        await bucket.PutAsync("a.b", "from elsewhere", cancellationToken: Ct);
        Assert.Equal("from elsewhere"u8.ToArray(), await cache.GetAsync("a:b", Ct));

        await bucket.DeleteAsync("a.b", cancellationToken: Ct);
        Assert.Null(await cache.GetAsync("a:b", Ct));
    }

    // For long windows, too, which no stall outlasts.
    private static void TouchAlways(NatsKvCacheOptions options) => options.SlidingRefreshQuantum = 0;

    private static Task Settled(NatsKvCache cache) => Eventually.EqualAsync(0, () => cache.TouchesUnderWay, "touches under way", ct: Ct);
}
