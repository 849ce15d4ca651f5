using System.Text;
using NatsKv.TestKit;
using NatsKv.Testing;
using NatsKv.Tests.Watching.Rows;

namespace NatsKv.Tests.Buckets;

/// <summary>Times to live as the server takes them, and what becomes of keys whose time is up.</summary>
public sealed class ExpiryTests(ServerVersions servers) : RowTests(servers)
{
    private static readonly NatsKvReadOptions WithMarkers = new() { IncludeDeleted = true };
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(1, "1s")]
    [InlineData(5_000_000, "1s")]
    [InlineData(10_000_000, "1s")]
    [InlineData(10_000_001, "2s")]
    [InlineData(15_000_000, "2s")]
    [InlineData(900_000_000, "90s")]
    [InlineData(37_200_000_000, "3720s")]
    [InlineData(long.MaxValue, "never")]
    [InlineData(-10_000, "never")]
    public async Task TimeToLive_AnyLength_IsStoredInWholeSecondsRoundedUp(long ticks, string stored)
    {
        INatsKvBucket bucket = await NewBucketAsync(change: static config => config with { AllowKeyTtl = true });

        // Again if it takes longer to look than the key lives.
        await Eventually.EqualAsync<string?>(
            stored,
            async () =>
            {
                await bucket.PutAsync("key", "value", TimeSpan.FromTicks(ticks), Ct);
                return await StoredTtlAsync(bucket, "key");
            },
            "what is stored",
            ct: Ct);
    }

    /// <summary>What the server takes for a time: the reason for sending whole seconds.</summary>
    [Theory]
    [InlineData("1", 0)]
    [InlineData("90", 0)]
    [InlineData("1s", 0)]
    [InlineData("1.5s", 0)]
    [InlineData("1h2m", 0)]
    [InlineData("never", 0)]
    [InlineData("NEVER", 0)]
    [InlineData("500ms", 10165)]
    [InlineData("0", 10165)]
    [InlineData("0s", 10165)]
    [InlineData("abc", 10165)]
    [InlineData("-1", 10165)]
    public async Task TtlHeader_OfAnyClient_IsTakenOrRefusedByTheServer(string text, int error)
    {
        INatsKvBucket bucket = await NewBucketAsync(change: static config => config with { AllowKeyTtl = true });

        if (error == 0)
        {
            Assert.Contains("\"seq\":", await PublishAsync(bucket, "key", $"Nats-TTL: {text}", "value"), StringComparison.Ordinal);
        }
        else
        {
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => PublishAsync(bucket, "key", $"Nats-TTL: {text}", "value"));
            Assert.Contains($"\"err_code\":{error}", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task TimeToLive_BucketKnownNotToAllowIt_IsRefusedWithTheRemedyAndNothingIsStored()
    {
        INatsKvBucket bucket = await NewBucketAsync();

        NatsKvNotSupportedException thrown = await Assert.ThrowsAsync<NatsKvNotSupportedException>(async () => await bucket.PutAsync("key", "value", OneSecond, Ct));

        Assert.Equal(("per-key TTL", 1), (thrown.Feature, thrown.RequiredApiLevel));
        Assert.Contains("LimitMarkerTtl", thrown.Message, StringComparison.Ordinal);
        Assert.Equal(0UL, (await bucket.GetStatusAsync(Ct)).LastRevision);
    }

    [Fact]
    public async Task TimeToLive_BucketMadeAnewWithoutThem_IsRefusedByTheServerAndSoByUs()
    {
        INatsKvBucket bucket = await NewBucketAsync(change: static config => config with { AllowKeyTtl = true });
        await bucket.PutAsync("key", "value", OneSecond, Ct);
        NatsKvClient other = await NewClientAsync();
        await other.DeleteBucketAsync(bucket.Name, Ct);
        await other.CreateBucketAsync(new NatsKvBucketConfig { Bucket = bucket.Name, Storage = NatsKvStorage.Memory }, Ct);

        // The handle still believes in the old bucket; the server says 10166.
        NatsKvNotSupportedException thrown = await Assert.ThrowsAsync<NatsKvNotSupportedException>(async () => await bucket.PutAsync("key", "value", OneSecond, Ct));

        Assert.Equal("per-key TTL", thrown.Feature);
        await other.UpdateBucketAsync(bucket.Name, static config => config with { AllowKeyTtl = true }, Ct);
        await bucket.PutAsync("key", "value", OneSecond, Ct);
    }

    [Fact]
    public async Task Expired_ServersMarker_IsAPurgeHoweverItIsRead()
    {
        INatsKvBucket bucket = await NewBucketAsync(change: static config => config with { LimitMarkerTtl = TimeSpan.FromMinutes(5) });
        await bucket.PutAsync("key", "value", OneSecond, Ct);

        NatsKvEntry direct = await Eventually.GetAsync(
            async () => await bucket.GetAsync("key", WithMarkers, Ct) is { Operation: not NatsKvOperation.Put } marker ? marker : null, "the key has expired", ct: Ct);

        NatsKvEntry leader = (await bucket.GetAsync("key", WithMarkers with { FromLeader = true }, Ct))!;
        NatsKvEntry revision = (await bucket.GetRevisionAsync("key", direct.Revision, Ct))!;
        NatsKvEntry history = await bucket.GetHistoryAsync("key", Ct).SingleAsync(Ct);
        NatsKvEntry watched = (await Watch(bucket).NextAsync()).Entry!;
        Assert.All(
            (NatsKvEntry[])[direct, leader, revision, history, watched],
            static entry => Assert.Equal((NatsKvOperation.Purge, 2UL, ""), (entry.Operation, entry.Revision, entry.GetString())));
        Assert.Null(await bucket.GetAsync("key", Ct));
        Assert.Empty(await bucket.GetKeysAsync(cancellationToken: Ct).ToListAsync(Ct));
    }

    [Fact]
    public async Task CreateAndPurgeWithTtl_SayWhatTheyAreInTheirHeaders()
    {
        INatsKvBucket bucket = await NewBucketAsync(change: static config => config with { LimitMarkerTtl = TimeSpan.FromSeconds(1) });
        await bucket.CreateAsync("key", "value", TimeSpan.FromSeconds(30), Ct);
        Assert.Equal("30s", await StoredTtlAsync(bucket, "key"));
        await bucket.PurgeAsync("key", new NatsKvWriteOptions { TimeToLive = TimeSpan.FromSeconds(40) }, Ct);
        Assert.Equal("40s", await StoredTtlAsync(bucket, "key"));
        await bucket.CreateAsync("key", "again", TimeSpan.FromSeconds(50), Ct);
        Assert.Equal("50s", await StoredTtlAsync(bucket, "key"));
        await bucket.DeleteAsync("key", new NatsKvWriteOptions { TimeToLive = TimeSpan.FromSeconds(60) }, Ct);
        Assert.Equal("60s", await StoredTtlAsync(bucket, "key"));
        await bucket.CreateAsync("key", "without", cancellationToken: Ct);
        Assert.Null(await StoredTtlAsync(bucket, "key"));
    }

    [Fact]
    public async Task UpdateWithTtl_ExpectedRevision_IsHeededAndTheKeyExpires()
    {
        INatsKvBucket latestOnly = await NewBucketAsync(change: static config => config with { LimitMarkerTtl = OneSecond });
        INatsKvBucket withHistory = await NewBucketAsync(change: static config => config with { History = 5, LimitMarkerTtl = OneSecond });
        await Task.WhenAll(((INatsKvBucket[])[latestOnly, withHistory]).Select(static async bucket =>
        {
            ulong first = await bucket.PutAsync("key", "1", cancellationToken: Ct);
            Assert.Equal(first + 1, await bucket.UpdateAsync("key", "2", first, OneSecond, Ct));
            await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(async () => await bucket.UpdateAsync("key", "3", first, OneSecond, Ct));

            await Eventually.TrueAsync(async () => await bucket.GetAsync("key", WithMarkers, Ct) is null, "the key and its marker are gone, and no older value is back", ct: Ct);

            Assert.Empty(await bucket.GetHistoryAsync("key", Ct).ToListAsync(Ct));
        }));
    }

    [Fact]
    public async Task PlainPut_OverAKeyWithTtl_StaysAndMaxAgeWinsOverALongerTtl()
    {
        INatsKvBucket bucket = await NewBucketAsync(change: static config => config with { AllowKeyTtl = true });
        INatsKvBucket aging = await NewBucketAsync(change: static config => config with { AllowKeyTtl = true, MaxAge = OneSecond });
        await bucket.PutAsync("key", "1", OneSecond, Ct);
        await bucket.PutAsync("key", "2", cancellationToken: Ct);
        await bucket.PutAsync("later", "x", OneSecond, Ct);
        await aging.PutAsync("key", "1", TimeSpan.FromMinutes(1), Ct);

        await Eventually.TrueAsync(async () => await bucket.GetAsync("later", Ct) is null, "a key that was put later has expired", ct: Ct);
        await Eventually.TrueAsync(async () => await aging.GetAsync("key", Ct) is null, "the key is as old as the bucket allows", ct: Ct);

        Assert.Equal("2", await bucket.GetStringAsync("key", Ct));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task MaxAgeOf100Milliseconds_IsTheShortest(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version, static config => config with { MaxAge = TimeSpan.FromMilliseconds(100) });
        await bucket.PutAsync("key", "value", cancellationToken: Ct);

        await Eventually.TrueAsync(async () => await bucket.GetAsync("key", WithMarkers, Ct) is null, "the key has expired", ct: Ct);

        NatsKvClient client = await NewClientAsync(version);
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "short", MaxAge = TimeSpan.FromMilliseconds(99) }, Ct));
    }

    /// <summary>A marker is a revision as others are: none is kept for longer than the bucket's maximum age.</summary>
    [Fact]
    public async Task MaxAge_ShorterThanTheMarkersTtl_TakesTheMarkerToo()
    {
        INatsKvBucket bucket = await NewBucketAsync(
            change: static config => config with { MaxAge = TimeSpan.FromMilliseconds(100), LimitMarkerTtl = TimeSpan.FromMinutes(5) });
        await bucket.PutAsync("key", "value", cancellationToken: Ct);

        await Eventually.EqualAsync(
            (2UL, 0L),
            async () =>
            {
                NatsKvBucketStatus status = await bucket.GetStatusAsync(Ct);
                return (status.LastRevision, status.Values);
            },
            "the value's revision and the marker's, both gone",
            ct: Ct);
    }

    /// <summary>The server lets nothing live shorter than its marker would, where there is history.</summary>
    [Theory]
    [InlineData(1, "60s")]
    [InlineData(5, "300")]
    public async Task TtlBelowTheMarkers_OnHistory_IsRaisedByTheServer(int history, string stored)
    {
        INatsKvBucket bucket = await NewBucketAsync(change: config => config with { History = history, LimitMarkerTtl = TimeSpan.FromSeconds(300) });

        await bucket.PutAsync("key", "value", TimeSpan.FromSeconds(60), Ct);

        Assert.Equal(stored, await StoredTtlAsync(bucket, "key"));
    }

    [Fact]
    public async Task Markers_TurnedOnAndOffLater_OldHandlesFollow()
    {
        INatsKvBucket bucket = await NewBucketAsync();
        NatsKvClient other = await NewClientAsync();
        await Assert.ThrowsAsync<NatsKvNotSupportedException>(async () => await bucket.PutAsync("key", "value", OneSecond, Ct));

        await other.UpdateBucketAsync(bucket.Name, static config => config with { LimitMarkerTtl = TimeSpan.FromSeconds(5) }, Ct);
        await bucket.PutAsync("key", "value", TimeSpan.FromMinutes(1), Ct);
        Assert.Equal(TimeSpan.FromSeconds(5), (await bucket.GetStatusAsync(Ct)).Config.LimitMarkerTtl);

        // TTLs stay allowed: no server takes that back.
        await other.UpdateBucketAsync(bucket.Name, static config => config with { LimitMarkerTtl = null }, Ct);
        NatsKvBucketConfig config = (await bucket.GetStatusAsync(Ct)).Config;
        Assert.Equal((null, true), (config.LimitMarkerTtl, config.AllowKeyTtl));
        await bucket.PutAsync("key", "value", TimeSpan.FromMinutes(1), Ct);
    }

    private static async Task<string?> StoredTtlAsync(INatsKvBucket bucket, string key) => await bucket.ReadAsync(
        key,
        0,
        static (entry, _) => entry.Headers.TryGet("Nats-TTL"u8, out ReadOnlySpan<byte> value) ? Encoding.UTF8.GetString(value) : null,
        WithMarkers with { FromLeader = true },
        Ct);
}
