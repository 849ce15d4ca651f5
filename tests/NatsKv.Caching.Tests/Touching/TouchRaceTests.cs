using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Options;
using NatsKv.Caching.Tests.Fakes;
using NatsKv.TestKit;

namespace NatsKv.Caching.Tests.Touching;

/// <summary>What happens between the read of a sliding entry and the write that renews it.</summary>
public sealed class TouchRaceTests : IDisposable
{
    private static readonly byte[] Value = [1, 2, 3];
    private static readonly DistributedCacheEntryOptions Sliding = new() { SlidingExpiration = TimeSpan.FromSeconds(5) };

    private readonly ManualTimeProvider _clock = new();
    private readonly FakeClient _client;
    private readonly NatsKvCache _cache;
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TouchRaceTests()
    {
        _client = new FakeClient(_clock) { Exists = true };
        _cache = new NatsKvCache(_client, Options.Create(new NatsKvCacheOptions()), timeProvider: _clock);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private FakeBucket Bucket => _client.Bucket;

    public void Dispose()
    {
        _gate.TrySetResult();
        _cache.Dispose();
        _client.Dispose();
    }

    [Fact]
    public async Task Get_TouchHangs_TheValueComesAtOnce()
    {
        await SetAndHoldTouches();

        Assert.Equal(Value, await _cache.GetAsync("key", Ct));
        Assert.Equal(Value, _cache.Get("key"));
        Assert.Equal(1, _cache.TouchesUnderWay);
    }

    [Fact]
    public async Task Get_ManyReadersOfOneKey_OneTouchAndNoMiss()
    {
        await SetAndHoldTouches();

        byte[]?[] values = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => _cache.GetAsync("key", Ct), Ct)));

        Assert.All(values, value => Assert.Equal(Value, value));
        Assert.Equal(1, _cache.TouchesUnderWay);
        await Release();
        Assert.Equal(2, Bucket.Puts);
    }

    [Fact]
    public async Task Get_SetBetweenReadAndTouch_TheSetStays()
    {
        await SetAndHoldTouches();
        await _cache.GetAsync("key", Ct);
        Bucket.BeforePut = null;
        await _cache.SetAsync("key", [9], Sliding, Ct);

        await Release();

        Assert.Equal((byte[])[9], await _cache.GetAsync("key", Ct));
    }

    [Fact]
    public async Task Get_RemoveBetweenReadAndTouch_NoResurrection()
    {
        await SetAndHoldTouches();
        await _cache.GetAsync("key", Ct);
        await _cache.RemoveAsync("key", Ct);

        await Release();

        Assert.Null(await _cache.GetAsync("key", Ct));
    }

    [Fact]
    public async Task Refresh_RemoveBetweenReadAndTouch_NoResurrectionAndNoError()
    {
        await SetAndHoldTouches();
        Task refresh = _cache.RefreshAsync("key", Ct);
        await _cache.RemoveAsync("key", Ct);

        await Release();
        await refresh;

        Assert.Null(await _cache.GetAsync("key", Ct));
    }

    [Fact]
    public async Task Refresh_TouchUnderWay_WaitsForIt()
    {
        await SetAndHoldTouches();
        await _cache.GetAsync("key", Ct);

        Task refresh = _cache.RefreshAsync("key", Ct);

        Assert.False(refresh.IsCompleted);
        await Release();
        await refresh;
        Assert.Equal(2, Bucket.Puts);
    }

    [Fact]
    public async Task Refresh_ServerFails_IsTheCallersError()
    {
        await _cache.SetAsync("key", Value, Sliding, Ct);
        Bucket.BeforePut = (_, _) => throw new NatsKvTimeoutException(TimeSpan.FromSeconds(5), "no answer");

        await Assert.ThrowsAsync<NatsKvTimeoutException>(() => _cache.RefreshAsync("key", Ct));
    }

    [Fact]
    public async Task Refresh_Cancelled_TheTouchGoesOn()
    {
        await SetAndHoldTouches();
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        Task refresh = _cache.RefreshAsync("key", giveUp.Token);

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => refresh);
        await Release();
        Assert.Equal(2, Bucket.Puts);
    }

    [Fact]
    public async Task Get_TouchFails_TheReadDoesNot()
    {
        await _cache.SetAsync("key", Value, Sliding, Ct);
        Bucket.BeforePut = (_, _) => throw new NatsKvTimeoutException(TimeSpan.FromSeconds(5), "no answer");

        Assert.Equal(Value, await _cache.GetAsync("key", Ct));
        Assert.Equal(Value, _cache.Get("key"));

        // The next use makes another attempt.
        Bucket.BeforePut = null;
        Assert.Equal(Value, await _cache.GetAsync("key", Ct));
        await Settled();
        Assert.Equal(2, Bucket.Puts);
    }

    [Fact]
    public async Task Get_CallerChangesTheArray_TheTouchWritesWhatWasStored()
    {
        await SetAndHoldTouches();
        byte[]? value = await _cache.GetAsync("key", Ct);
        value!.AsSpan().Clear();

        await Release();

        Assert.Equal(Value, await _cache.GetAsync("key", Ct));
    }

    [Fact]
    public async Task Get_ManyKeys_TouchesAreBounded()
    {
        for (int i = 0; i < 1100; i++)
        {
            await _cache.SetAsync($"key{i}", Value, Sliding, Ct);
        }

        HoldTouches();
        for (int i = 0; i < 1100; i++)
        {
            Assert.Equal(Value, await _cache.GetAsync($"key{i}", Ct));
        }

        Assert.Equal(1024, _cache.TouchesUnderWay);
        await Release();
    }

    [Fact]
    public async Task Dispose_TouchesUnderWay_EndsThem()
    {
        await SetAndHoldTouches();
        await _cache.GetAsync("key", Ct);

        _cache.Dispose();

        await Settled();
        Assert.Equal(1, Bucket.Puts);
    }

    [Fact]
    public async Task Refresh_SyncBesideATouchUnderWay_NeitherFails()
    {
        await SetAndHoldTouches();
        await _cache.GetAsync("key", Ct);

        _cache.Refresh("key");
        await Release();

        Assert.Equal(2, Bucket.Puts);
        Assert.Equal(Value, await _cache.GetAsync("key", Ct));
    }

    [Fact]
    public async Task Get_EndOfTheTouchIsNotHeardOf_TheNewRevisionIsTouchedAllTheSame()
    {
        // The server has done the touch; the thread that is to hear of it has no time.
        await SetAndHoldTouches();
        await _cache.GetAsync("key", Ct);
        _cache.Refresh("key");
        _clock.Advance(TimeSpan.FromMilliseconds(249));
        await _cache.GetAsync("key", Ct);
        Assert.Equal(1, _cache.TouchesUnderWay);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        await _cache.GetAsync("key", Ct);
        await _cache.GetAsync("key", Ct);

        Assert.Equal(2, _cache.TouchesUnderWay);
        await Release();
        Assert.Equal(3, Bucket.Puts);
    }

    [Fact]
    public async Task Refresh_TouchOfAnOlderRevisionUnderWay_TouchesTheNewOne()
    {
        await SetAndHoldTouches();
        await _cache.GetAsync("key", Ct);
        await _cache.SetAsync("key", [9], Sliding, Ct);

        Task refresh = _cache.RefreshAsync("key", Ct);

        Assert.Equal(2, _cache.TouchesUnderWay);
        await Release();
        await refresh;
        Assert.Equal(3, Bucket.Puts);
        Assert.Equal((byte[])[9], await _cache.GetAsync("key", Ct));
    }

    [Fact]
    public async Task Get_TouchOfTheSameRevisionUnderWayForLong_IsNotRepeated()
    {
        await SetAndHoldTouches();
        await _cache.GetAsync("key", Ct);
        _clock.Advance(TimeSpan.FromSeconds(3));

        await _cache.GetAsync("key", Ct);

        Assert.Equal(1, _cache.TouchesUnderWay);
    }

    private async Task SetAndHoldTouches()
    {
        await _cache.SetAsync("key", Value, Sliding, Ct);
        HoldTouches();
    }

    private void HoldTouches() => Bucket.BeforePut = (_, options) => options.ExpectedRevision is null ? Task.CompletedTask : _gate.Task;

    private async Task Release()
    {
        _gate.TrySetResult();
        await Settled();
    }

    private Task Settled() => Eventually.EqualAsync(0, () => _cache.TouchesUnderWay, "touches under way", ct: Ct);
}
