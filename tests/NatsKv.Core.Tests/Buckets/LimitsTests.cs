using NatsKv.Buckets;

namespace NatsKv.Tests.Buckets;

public sealed class LimitsTests(Server server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Put_LargerThanTheServerTakesAsTheFirstCall_IsRefusedAndNotSent(bool blocking)
    {
        (NatsKvClient other, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = other;
        byte[] value = new byte[other.Server!.MaxPayload + 1];
        await using NatsKvClient cold = server.NewClient();
        INatsKvBucket bound = cold.Bind(bucket.Name);

        await Assert.ThrowsAsync<NatsKvValueTooLargeException>(() => blocking
            ? Connection.BlockingCalls.OnOwnThread(() => bound.Blocking.Put("key", new(value), cancellationToken: Ct))
            : bound.PutAsync("key", value, cancellationToken: Ct).AsTask());
    }

    [Fact]
    public async Task LongestBucketAndKey_EveryOperation_Works()
    {
        string name = server.NewName().PadRight(252, 'b');
        string key = new('k', 3072);
        await using NatsKvClient client = server.NewClient();
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = name, Storage = NatsKvStorage.Memory }, Ct);

        ulong revision = await bucket.PutAsync(key, "v", cancellationToken: Ct);
        Assert.Equal("v", (await bucket.GetAsync(key, Ct))!.GetString());
        Assert.Equal(key, (await bucket.GetRevisionAsync(key, revision, Ct))!.Key);
        await foreach (NatsKvWatchEvent item in bucket.WatchAsync(new NatsKvWatchOptions { Filters = [key] }, Ct))
        {
            Assert.Equal(key, item.Entry!.Key);
            break;
        }

        await bucket.DeleteAsync(key, cancellationToken: Ct);
        Assert.Null(await bucket.GetAsync(key, Ct));
    }

    [Theory]
    [InlineData("a.*,*.b", "a.b,a.c,c.b")]
    [InlineData("a.*.c,a.b.*,x", "a.b.c,a.b.d,a.d.c,x")]
    public async Task Watch_FiltersThatOverlap_GiveEachKeyOnce(string filters, string expected)
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        string[] keys = ["a", "b", "x", "a.b", "a.c", "c.b", "c.c", "a.b.c", "a.b.d", "a.d.c", "a.d.d"];
        foreach (string key in keys)
        {
            await bucket.PutAsync(key, "v", cancellationToken: Ct);
        }

        var seen = new List<string>();
        await foreach (NatsKvWatchEvent item in bucket.WatchAsync(new NatsKvWatchOptions { Filters = filters.Split(',') }, Ct))
        {
            if (item.Kind == NatsKvWatchEventKind.InitialDataComplete)
            {
                break;
            }

            seen.Add(item.Entry!.Key);
        }

        seen.Sort(StringComparer.Ordinal);
        Assert.Equal(expected, string.Join(',', seen));
    }

    [Fact]
    public async Task CreateBucket_Null_IsRefusedByItsName()
    {
        await using NatsKvClient client = server.NewClient();

        Assert.Equal("config", (await Assert.ThrowsAsync<ArgumentNullException>(async () => await client.CreateBucketAsync(null!, Ct))).ParamName);
        Assert.Equal("config", (await Assert.ThrowsAsync<ArgumentNullException>(async () => await client.CreateOrUpdateBucketAsync(null!, Ct))).ParamName);
        Assert.Equal("config", Assert.Throws<ArgumentNullException>(() => client.Blocking.CreateBucket(null!, Ct)).ParamName);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(TimeSpan.TicksPerSecond - 1, 1)]
    [InlineData(TimeSpan.TicksPerSecond, 1)]
    [InlineData(TimeSpan.TicksPerSecond + 1, 2)]
    [InlineData(90 * TimeSpan.TicksPerSecond, 90)]
    [InlineData(9_223_372_036 * TimeSpan.TicksPerSecond, 9_223_372_036)]
    public void WholeSeconds_AnyTime_IsRoundedUp(long ticks, ulong seconds) => Assert.Equal(seconds, WriteHeaders.WholeSeconds(TimeSpan.FromTicks(ticks)));

    [Fact]
    public void WholeSeconds_LongerThanTheServerCounts_IsForEver()
    {
        Assert.Null(WriteHeaders.WholeSeconds(TimeSpan.FromSeconds(9_223_372_037)));
        Assert.Null(WriteHeaders.WholeSeconds(TimeSpan.MaxValue));
        Assert.Null(WriteHeaders.WholeSeconds(Timeout.InfiniteTimeSpan));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-2)]
    public void WholeSeconds_NotLongerThanZero_IsRefused(long ticks) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => WriteHeaders.WholeSeconds(TimeSpan.FromTicks(ticks)));

    [Fact]
    public async Task TimeToLive_ForEver_OutlivesTheBucketsMaxAge()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(
            static config => config with { MaxAge = TimeSpan.FromSeconds(1), AllowKeyTtl = true });
        await using NatsKvClient _ = client;
        await bucket.PutAsync("mortal", "x", cancellationToken: Ct);
        await bucket.PutAsync("immortal", "x", TimeSpan.MaxValue, Ct);

        await NatsKv.TestKit.Eventually.TrueAsync(async () => await bucket.GetAsync("mortal", Ct) is null, "the mortal is gone", ct: Ct);

        Assert.NotNull(await bucket.GetAsync("immortal", Ct));
    }
}
