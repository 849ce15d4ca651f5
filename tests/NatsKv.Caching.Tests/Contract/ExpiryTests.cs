using System.Buffers;
using Microsoft.Extensions.Options;
using NatsKv.Caching.Tests.Fakes;
using NatsKv.TestKit;

namespace NatsKv.Caching.Tests.Contract;

/// <summary>Expiry as callers see it, on a bucket whose server has the same clock that the test moves.</summary>
public sealed class ExpiryTests : IDisposable
{
    private static readonly byte[] Value = [1, 2, 3];
    private readonly ManualTimeProvider _clock = new();
    private readonly FakeClient _client;
    private NatsKvCache? _cache;

    public ExpiryTests() => _client = new FakeClient(_clock) { Exists = true };

    public static TheoryData<double, bool> Lives => new() { { 0.25, false }, { 0.25, true }, { 1, false }, { 1, true }, { 300, false }, { 300, true } };

    public void Dispose()
    {
        _cache?.Dispose();
        _client.Dispose();
    }

    [Theory]
    [MemberData(nameof(CacheFace.Both), MemberType = typeof(CacheFace))]
    public async Task Get_NoExpiration_IsForEver(bool sync)
    {
        CacheFace face = Face(sync);
        await face.SetAsync("key", Value);

        _clock.Advance(TimeSpan.FromDays(3650));

        Assert.Equal(Value, await face.GetAsync("key"));
        Assert.Null(_client.Bucket.Peek("key")!.Ttl);
        Assert.Equal("1", _client.Bucket.HeaderOf("key", "Kvc"));
    }

    [Theory]
    [MemberData(nameof(Lives))]
    public async Task Get_RelativeExpiration_EndsToTheMoment(double seconds, bool sync)
    {
        CacheFace face = Face(sync);
        await face.SetAsync("key", Value, new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(seconds) });

        await AssertEnds(face, seconds);
    }

    [Theory]
    [MemberData(nameof(Lives))]
    public async Task Get_AbsoluteExpirationWithAnOffset_EndsToTheMoment(double seconds, bool sync)
    {
        CacheFace face = Face(sync);
        DateTimeOffset instant = _clock.GetUtcNow().AddSeconds(seconds).ToOffset(TimeSpan.FromHours(2));
        await face.SetAsync("key", Value, new() { AbsoluteExpiration = instant });

        await AssertEnds(face, seconds);
    }

    [Theory]
    [MemberData(nameof(CacheFace.Both), MemberType = typeof(CacheFace))]
    public async Task Get_RelativeAndAbsoluteExpiration_TheRelativeOneHolds(bool sync)
    {
        CacheFace face = Face(sync);
        await face.SetAsync(
            "key", Value, new() { AbsoluteExpiration = _clock.GetUtcNow().AddSeconds(5), AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(60) });

        await AssertEnds(face, 60);
    }

    [Theory]
    [MemberData(nameof(CacheFace.Both), MemberType = typeof(CacheFace))]
    public async Task Get_SlidingExpirationNotUsed_Expires(bool sync)
    {
        CacheFace face = Face(sync);
        await face.SetAsync("key", Value, new() { SlidingExpiration = TimeSpan.FromSeconds(5) });

        _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Null(await face.GetAsync("key"));
    }

    [Theory]
    [InlineData(5, false)]
    [InlineData(5, true)]
    [InlineData(1200, false)]
    [InlineData(1200, true)]
    public async Task Get_SlidingExpiration_IsRenewedByUse(int window, bool sync)
    {
        CacheFace face = Face(sync);
        await face.SetAsync("key", Value, new() { SlidingExpiration = TimeSpan.FromSeconds(window) });

        for (int i = 0; i < 10; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(window * 0.9));
            Assert.Equal(Value, await face.GetAsync("key"));
            await Settled(face);
        }

        _clock.Advance(TimeSpan.FromSeconds(window * 1.1));
        Assert.Null(await face.GetAsync("key"));
    }

    [Theory]
    [MemberData(nameof(CacheFace.Both), MemberType = typeof(CacheFace))]
    public async Task TryGetAndRefresh_SlidingExpiration_RenewToo(bool sync)
    {
        CacheFace face = Face(sync);
        await face.SetAsync("key", Value, new() { SlidingExpiration = TimeSpan.FromSeconds(5) });

        _clock.Advance(TimeSpan.FromSeconds(4));
        await face.RefreshAsync("key");
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.True(await face.TryGetAsync("key", new ArrayBufferWriter<byte>()));
        await Settled(face);
        _clock.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal(Value, await face.GetAsync("key"));
    }

    [Theory]
    [MemberData(nameof(CacheFace.Both), MemberType = typeof(CacheFace))]
    public async Task Get_SlidingAndAbsoluteExpiration_UseDoesNotOutliveTheAbsolute(bool sync)
    {
        CacheFace face = Face(sync);
        await face.SetAsync(
            "key", Value, new() { SlidingExpiration = TimeSpan.FromSeconds(5), AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(16) });

        for (int i = 0; i < 5; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(3));
            Assert.Equal(Value, await face.GetAsync("key"));
            await Settled(face);
        }

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await face.GetAsync("key"));
    }

    [Fact]
    public async Task Get_WithinTheQuantum_WritesNothing()
    {
        CacheFace face = Face(sync: true);
        await face.SetAsync("key", Value, new() { SlidingExpiration = TimeSpan.FromMinutes(20) });

        for (int i = 0; i < 119; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await face.GetAsync("key");
            await face.RefreshAsync("key");
        }

        Assert.Equal(1, _client.Bucket.Puts);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await face.GetAsync("key");
        await Settled(face);
        Assert.Equal(2, _client.Bucket.Puts);
    }

    [Fact]
    public async Task Get_Touch_WritesTheDocumentedHeaders()
    {
        CacheFace face = Face(sync: false);
        string key = new('k', 300);
        await face.SetAsync(
            key, Value, new() { SlidingExpiration = TimeSpan.FromSeconds(20), AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(60) });
        string stored = new NatsKv.Caching.Keys.CacheKeyEncoder(null).Encode(key).Bucket;
        Assert.Equal("1;x=60000;s=20000;q=2000", _client.Bucket.HeaderOf(stored, "Kvc"));
        Assert.Equal("32", _client.Bucket.HeaderOf(stored, "Nats-TTL"));
        string original = _client.Bucket.HeaderOf(stored, "Kvc-Key")!;
        ulong set = _client.Bucket.Peek(stored)!.Revision;
        long setTime = _clock.GetUtcNow().ToUnixTimeMilliseconds();

        for (int i = 0; i < 3; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(15));
            Assert.NotNull(await face.GetAsync(key));
            await Settled(face);
        }

        Assert.Equal($"1;x=60000;s=20000;q=2000;t={setTime};g={set}", _client.Bucket.HeaderOf(stored, "Kvc"));
        Assert.Equal("25", _client.Bucket.HeaderOf(stored, "Nats-TTL"));
        Assert.Equal(original, _client.Bucket.HeaderOf(stored, "Kvc-Key"));
        Assert.Equal(set + 3, _client.Bucket.Peek(stored)!.Revision);
    }

    [Fact]
    public async Task Get_TouchOfANewerWritersEntry_KeepsItsFields()
    {
        CacheFace face = Face(sync: false);
        _client.Bucket.Plant("key", Value, "1;s=5000;b=77", TimeSpan.FromSeconds(15));

        Assert.Equal(Value, await face.GetAsync("key"));
        await Settled(face);

        Assert.Equal("1;s=5000;g=1;b=77", _client.Bucket.HeaderOf("key", "Kvc"));
    }

    [Theory]
    [InlineData(NatsKvSlidingRefresh.OnRefreshOnly, false, true)]
    [InlineData(NatsKvSlidingRefresh.Off, false, false)]
    public async Task SlidingRefresh_Option_DecidesWhatRenews(NatsKvSlidingRefresh option, bool get, bool refresh)
    {
        CacheFace face = Face(sync: true, o => o.SlidingRefresh = option);
        await face.SetAsync("key", Value, new() { SlidingExpiration = TimeSpan.FromSeconds(5) });

        await face.GetAsync("key");
        await Settled(face);
        Assert.Equal(get ? 2 : 1, _client.Bucket.Puts);
        await face.RefreshAsync("key");
        Assert.Equal(refresh ? 2 : 1, _client.Bucket.Puts);
    }

    [Fact]
    public async Task Set_DefaultExpirations_ApplyWhereNoneIsGiven()
    {
        CacheFace face = Face(
            sync: false,
            o =>
            {
                o.DefaultExpiration = TimeSpan.FromMinutes(10);
                o.DefaultSlidingExpiration = TimeSpan.FromSeconds(30);
            });

        await face.SetAsync("default", Value);
        await face.SetAsync("own", Value, new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(7) });

        Assert.Equal("1;x=600000;s=30000;q=3000", _client.Bucket.HeaderOf("default", "Kvc"));
        Assert.Equal("1;x=7000", _client.Bucket.HeaderOf("own", "Kvc"));
    }

    [Fact]
    public async Task Refresh_ExpiredEntry_DoesNotBringItBack()
    {
        CacheFace face = Face(sync: false);
        await face.SetAsync("key", Value, new() { SlidingExpiration = TimeSpan.FromSeconds(5) });
        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.NotNull(_client.Bucket.Peek("key"));

        await face.RefreshAsync("key");

        Assert.Null(await face.GetAsync("key"));
        Assert.Equal(1, _client.Bucket.Puts);
    }

    [Fact]
    public async Task Get_ExpiredEntry_StaysOnTheServerForTheGraceAndThenVanishes()
    {
        CacheFace face = Face(sync: false);
        await face.SetAsync("key", Value, new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(5) });

        _clock.Advance(TimeSpan.FromSeconds(14.9));
        Assert.Null(await face.GetAsync("key"));
        Assert.Equal(NatsKvOperation.Put, _client.Bucket.Peek("key")!.Operation);
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(NatsKvOperation.Purge, _client.Bucket.Peek("key")!.Operation);
        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Null(_client.Bucket.Peek("key"));
    }

    [Fact]
    public async Task Remove_Key_LeavesNothingAfterTheMarkersTime()
    {
        CacheFace face = Face(sync: false);
        _client.Bucket.Config = _client.Bucket.Config with { LimitMarkerTtl = TimeSpan.FromSeconds(7) };
        await face.SetAsync("key", Value);

        await face.RemoveAsync("key");

        Assert.Equal(NatsKvOperation.Purge, _client.Bucket.Peek("key")!.Operation);
        Assert.Equal(TimeSpan.FromSeconds(7), _client.Bucket.Peek("key")!.Ttl);
        _clock.Advance(TimeSpan.FromSeconds(7));
        Assert.Null(_client.Bucket.Peek("key"));
    }

    [Fact]
    public async Task Get_PlainPutOfAnotherClient_IsReadable()
    {
        CacheFace face = Face(sync: false);
        _client.Bucket.Plant("user.42", Value);

        Assert.Equal(Value, await face.GetAsync("user:42"));
        await face.RefreshAsync("user:42");
        Assert.Equal(0, _client.Bucket.Puts);
    }

    [Fact]
    public async Task Get_EntryOfAnUnknownVersion_IsAMissAndStays()
    {
        CacheFace face = Face(sync: false);
        ulong revision = _client.Bucket.Plant("key", Value, "2;x=60000");

        Assert.Null(await face.GetAsync("key"));
        Assert.False(await face.TryGetAsync("key", new ArrayBufferWriter<byte>()));
        await face.RefreshAsync("key");

        Assert.Equal(revision, _client.Bucket.Peek("key")!.Revision);
    }

    [Fact]
    public async Task Get_DigestWithAnotherKeysEntry_IsAMiss()
    {
        CacheFace face = Face(sync: false);
        string key = new('k', 300);
        string longest = new('k', 5000);
        _client.Bucket.Plant(new NatsKv.Caching.Keys.CacheKeyEncoder(null).Encode(key).Bucket, Value, "1");
        _client.Bucket.Plant(new NatsKv.Caching.Keys.CacheKeyEncoder(null).Encode(longest).Bucket, Value);

        Assert.Null(await face.GetAsync(key));
        Assert.Null(await face.GetAsync(longest));
    }

    [Theory]
    [MemberData(nameof(CacheFace.Both), MemberType = typeof(CacheFace))]
    public async Task Set_SlidingValueWithoutRoomForATouch_IsRefused(bool sync)
    {
        CacheFace face = Face(sync);
        byte[] value = new byte[(1024 * 1024) - 200];

        await face.SetAsync("absolute", value, new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) });
        await Assert.ThrowsAsync<NatsKvValueTooLargeException>(() => face.SetAsync("sliding", value, new() { SlidingExpiration = TimeSpan.FromSeconds(5) }));

        await face.SetAsync("fits", value[..^56], new() { SlidingExpiration = TimeSpan.FromSeconds(5) });
        await face.GetAsync("fits");
        await Settled(face);
        Assert.StartsWith("1;s=5000;g=", _client.Bucket.HeaderOf("fits", "Kvc"), StringComparison.Ordinal);
    }

    private async Task AssertEnds(CacheFace face, double seconds)
    {
        _clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
        Assert.Equal(Value, await face.GetAsync("key"));
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Null(await face.GetAsync("key"));
        Assert.False(await face.TryGetAsync("key", new ArrayBufferWriter<byte>()));
    }

    private static Task Settled(CacheFace face) =>
        Eventually.EqualAsync(0, () => face.Cache.TouchesUnderWay, "touches under way", ct: TestContext.Current.CancellationToken);

    private CacheFace Face(bool sync, Action<NatsKvCacheOptions>? configure = null)
    {
        var options = new NatsKvCacheOptions();
        configure?.Invoke(options);
        _cache = new NatsKvCache(_client, Options.Create(options), timeProvider: _clock);
        return new CacheFace(_cache, sync);
    }
}
