using System.Buffers;
using System.Text;
using Microsoft.Extensions.Caching.Distributed;

namespace NatsKv.Caching.Tests.Contract;

/// <summary>What a distributed cache must do, apart from time. Run against the fake bucket and against a real server.</summary>
public abstract class CacheContractTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static readonly byte[] Value = [1, 2, 3];

    public static TheoryData<int, string, bool> SequenceCases
    {
        get
        {
            var cases = new TheoryData<int, string, bool>();
            foreach (int size in (int[])[0, 1, 128, 1024, 16 * 1024, 200_000])
            {
                foreach (string kind in (string[])["FullArray", "PaddedArray", "CustomMemory", "MultiSegment"])
                {
                    cases.Add(size, kind, false);
                    cases.Add(size, kind, true);
                }
            }

            return cases;
        }
    }

    protected abstract NatsKvCache Create(Action<NatsKvCacheOptions>? configure = null);

    [Theory]
    [MemberData(nameof(CacheFace.Both), MemberType = typeof(CacheFace))]
    public async Task Get_MissingKey_IsNull(bool sync)
    {
        CacheFace face = Face(sync);

        Assert.Null(await face.GetAsync("missing"));
    }

    [Theory]
    [MemberData(nameof(CacheFace.Both), MemberType = typeof(CacheFace))]
    public async Task TryGet_MissingKey_WritesNothing(bool sync)
    {
        CacheFace face = Face(sync);
        var destination = new ArrayBufferWriter<byte>();

        Assert.False(await face.TryGetAsync("missing", destination));
        Assert.Equal(0, destination.WrittenCount);
    }

    [Theory]
    [MemberData(nameof(CacheFace.Both), MemberType = typeof(CacheFace))]
    public async Task Get_AfterSet_IsTheValueInAnArrayOfItsOwn(bool sync)
    {
        CacheFace face = Face(sync);
        await face.SetAsync("key", Value);

        byte[]? first = await face.GetAsync("key");
        first![0] = 99;

        Assert.Equal(Value, await face.GetAsync("key"));
    }

    [Theory]
    [MemberData(nameof(CacheFace.Both), MemberType = typeof(CacheFace))]
    public async Task Get_EmptyValue_IsNoMiss(bool sync)
    {
        CacheFace face = Face(sync);
        await face.SetAsync("empty", []);
        var destination = new ArrayBufferWriter<byte>();

        Assert.Equal((byte[])[], await face.GetAsync("empty"));
        Assert.True(await face.TryGetAsync("empty", destination));
        Assert.Equal(0, destination.WrittenCount);
    }

    [Theory]
    [MemberData(nameof(CacheFace.Both), MemberType = typeof(CacheFace))]
    public async Task Get_KeysThatDifferInCaseOrSpaces_AreDifferent(bool sync)
    {
        CacheFace face = Face(sync);
        string[] keys = ["Key", "key", "key ", " key", "key\t"];
        for (byte i = 0; i < keys.Length; i++)
        {
            await face.SetAsync(keys[i], [i]);
        }

        for (byte i = 0; i < keys.Length; i++)
        {
            Assert.Equal((byte[])[i], await face.GetAsync(keys[i]));
        }
    }

    [Theory]
    [MemberData(nameof(CacheFace.Both), MemberType = typeof(CacheFace))]
    public async Task Get_OddKeys_AreKeysLikeOthers(bool sync)
    {
        CacheFace face = Face(sync);
        string[] keys = [.. Keys.CacheKeyEncoderTests.OddKeys.Select(row => row.Data)];
        foreach (string key in keys)
        {
            await face.SetAsync(key, Encoding.Unicode.GetBytes("for " + key));
        }

        foreach (string key in keys)
        {
            Assert.Equal(Encoding.Unicode.GetBytes("for " + key), await face.GetAsync(key));
            await face.RemoveAsync(key);
            Assert.Null(await face.GetAsync(key));
        }
    }

    [Theory]
    [MemberData(nameof(CacheFace.Both), MemberType = typeof(CacheFace))]
    public async Task Set_Again_OverwritesValueAndExpiry(bool sync)
    {
        CacheFace face = Face(sync);
        await face.SetAsync("key", [1], new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromMilliseconds(1) });
        await face.SetAsync("key", Value);

        Assert.Equal(Value, await face.GetAsync("key"));
    }

    [Theory]
    [MemberData(nameof(CacheFace.Both), MemberType = typeof(CacheFace))]
    public async Task Remove_Key_IsGoneAndCanBeSetAgain(bool sync)
    {
        CacheFace face = Face(sync);
        await face.SetAsync("key", Value);

        await face.RemoveAsync("key");
        Assert.Null(await face.GetAsync("key"));
        Assert.False(await face.TryGetAsync("key", new ArrayBufferWriter<byte>()));

        await face.SetAsync("key", Value);
        Assert.Equal(Value, await face.GetAsync("key"));
    }

    [Theory]
    [MemberData(nameof(CacheFace.Both), MemberType = typeof(CacheFace))]
    public async Task RemoveAndRefresh_MissingKey_DoNothing(bool sync)
    {
        CacheFace face = Face(sync);

        await face.RefreshAsync("missing");
        await face.RemoveAsync("missing");
        await face.RefreshAsync("missing");

        Assert.Null(await face.GetAsync("missing"));
    }

    [Theory]
    [MemberData(nameof(CacheFace.Both), MemberType = typeof(CacheFace))]
    public async Task Refresh_EntryWithoutSlidingExpiration_ChangesNothing(bool sync)
    {
        CacheFace face = Face(sync);
        await face.SetAsync("key", Value, new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) });

        await face.RefreshAsync("key");

        Assert.Equal(Value, await face.GetAsync("key"));
    }

    [Theory]
    [MemberData(nameof(SequenceCases))]
    public async Task SetAndTryGet_AnySequence_RoundTrips(int size, string kind, bool sync)
    {
        CacheFace face = Face(sync);
        byte[] value = new byte[size];
        new Random(size).NextBytes(value);
        await face.SetAsync("buffer", Sequences.Make(value, kind));
        var destination = new ArrayBufferWriter<byte>();

        Assert.True(await face.TryGetAsync("buffer", destination));
        Assert.Equal(value, destination.WrittenSpan);
        Assert.Equal(value, await face.GetAsync("buffer"));
    }

    [Theory]
    [MemberData(nameof(CacheFace.Both), MemberType = typeof(CacheFace))]
    public async Task TryGet_WriterThrows_ItsExceptionComesThrough(bool sync)
    {
        CacheFace face = Face(sync);
        await face.SetAsync("key", new byte[1000]);

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => face.TryGetAsync("key", new QuotaWriter(999)));

        Assert.Equal("Too much.", error.Message);
        Assert.True(await face.TryGetAsync("key", new QuotaWriter(1000)));
    }

    [Theory]
    [MemberData(nameof(CacheFace.Both), MemberType = typeof(CacheFace))]
    public async Task Set_CallerReusesItsBuffer_TheStoredValueStays(bool sync)
    {
        CacheFace face = Face(sync);
        foreach (int size in (int[])[100, 300_000])
        {
            byte[] buffer = new byte[size];
            buffer.AsSpan().Fill(7);
            await face.SetAsync("reuse", new ReadOnlySequence<byte>(buffer));
            buffer.AsSpan().Fill(8);

            Assert.All(await face.GetAsync("reuse") ?? [0], item => Assert.Equal(7, item));
        }
    }

    [Theory]
    [MemberData(nameof(CacheFace.Both), MemberType = typeof(CacheFace))]
    public async Task AnyMethod_NullArgument_IsRefusedByName(bool sync)
    {
        CacheFace face = Face(sync);
        string none = null!;

        await Refused("key", () => face.GetAsync(none));
        await Refused("key", () => face.TryGetAsync(none, new ArrayBufferWriter<byte>()));
        await Refused("destination", () => face.TryGetAsync("key", null!));
        await Refused("key", () => face.SetAsync(none, Value));
        await Refused("key", () => face.SetAsync(none, new ReadOnlySequence<byte>(Value)));
        await Refused("value", () => face.SetAsync("key", null!));
        await Refused("options", () => face.SetWithoutOptionsAsync("key", Value));
        await Refused("key", () => face.RefreshAsync(none));
        await Refused("key", () => face.RemoveAsync(none));

        static async Task Refused(string parameter, Func<Task> call) =>
            Assert.Equal(parameter, (await Assert.ThrowsAsync<ArgumentNullException>(call)).ParamName);
    }

    [Theory]
    [InlineData(true, -1)]
    [InlineData(false, -1)]
    [InlineData(true, 0)]
    [InlineData(false, -3600)]
    public async Task Set_AbsoluteExpirationNotInTheFuture_IsRefused(bool sync, int seconds)
    {
        CacheFace face = Face(sync);
        DateTimeOffset instant = Now.AddSeconds(seconds);
        var options = new DistributedCacheEntryOptions { AbsoluteExpiration = instant, AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(1) };

        var error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => face.SetAsync("past", Value, options));

        Assert.Equal("AbsoluteExpiration", error.ParamName);
        Assert.Equal(instant, error.ActualValue);
        Assert.StartsWith("The absolute expiration value must be in the future.", error.Message, StringComparison.Ordinal);
        Assert.Null(await face.GetAsync("past"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void EntryOptions_TimesThatAreNotPositive_AreRefusedByTheirSetters(int seconds)
    {
        var options = new DistributedCacheEntryOptions();

        Assert.Throws<ArgumentOutOfRangeException>(() => options.AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(seconds));
        Assert.Throws<ArgumentOutOfRangeException>(() => options.SlidingExpiration = TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public async Task AnyMethod_CancelledToken_DoesNothing()
    {
        NatsKvCache cache = Create();
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cache.GetAsync("key", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cache.TryGetAsync("key", new ArrayBufferWriter<byte>(), cancelled).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cache.SetAsync("key", Value, CacheFace.Never, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cache.RefreshAsync("key", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cache.RemoveAsync("key", cancelled));
        Assert.Null(await cache.GetAsync("key", Ct));
    }

    [Theory]
    [MemberData(nameof(CacheFace.Both), MemberType = typeof(CacheFace))]
    public async Task Set_ValueTooLarge_IsRefusedAndTheOldOneIsNotServed(bool sync)
    {
        CacheFace face = Face(sync);
        await face.SetAsync("key", Value);

        await Assert.ThrowsAsync<NatsKvValueTooLargeException>(() => face.SetAsync("key", new byte[1024 * 1024]));

        Assert.Null(await face.GetAsync("key"));
        await face.SetAsync("key", Value);
        Assert.Equal(Value, await face.GetAsync("key"));
    }

    [Fact]
    public async Task Set_InstanceNames_KeepCachesOfOneBucketApart()
    {
        NatsKvCache plain = Create();
        NatsKvCache a = Create(o => o.InstanceName = "a");
        NatsKvCache b = Create(o => o.InstanceName = "b");

        await plain.SetAsync("a:key", [0], CacheFace.Never, Ct);
        await a.SetAsync("key", [1], CacheFace.Never, Ct);
        await b.SetAsync("key", [2], CacheFace.Never, Ct);

        Assert.Equal((byte[])[0], await plain.GetAsync("a:key", Ct));
        Assert.Equal((byte[])[1], await a.GetAsync("key", Ct));
        Assert.Equal((byte[])[2], await b.GetAsync("key", Ct));
        await a.RemoveAsync("key", Ct);
        Assert.Equal((byte[])[2], await b.GetAsync("key", Ct));
    }

    protected abstract DateTimeOffset Now { get; }

    private CacheFace Face(bool sync) => new(Create(), sync);
}
