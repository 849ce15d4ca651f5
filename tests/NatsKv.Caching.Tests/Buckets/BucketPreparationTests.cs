using NatsKv.Caching.Tests.Fakes;
using NatsKv.TestKit;

namespace NatsKv.Caching.Tests.Buckets;

public sealed class BucketPreparationTests : IDisposable
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private readonly FakeClient _client = new(new ManualTimeProvider());

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Use_BucketMissing_MakesItOnce(bool sync)
    {
        using NatsKvCache cache = Cache(o =>
        {
            o.Replicas = 3;
            o.Storage = NatsKvStorage.Memory;
            o.MaxBytes = 1 << 20;
        });

        await Use(cache, sync);
        await Use(cache, !sync);

        NatsKvBucketConfig made = Assert.Single(_client.Made);
        Assert.Equal(
            new NatsKvBucketConfig
            {
                Bucket = "cache",
                Description = "Cache",
                History = 1,
                LimitMarkerTtl = TimeSpan.FromMinutes(1),
                Replicas = 3,
                Storage = NatsKvStorage.Memory,
                MaxBytes = 1 << 20,
            },
            made);
    }

    [Fact]
    public async Task Use_BucketExists_IsUsedAsItIs()
    {
        _client.Exists = true;
        using NatsKvCache cache = Cache(o => o.Replicas = 5);

        await Use(cache, sync: false);
        await Use(cache, sync: false);

        Assert.Empty(_client.Made);
        Assert.Equal(1, _client.StatusRequests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Use_BucketMissingAndNotToBeMade_SaysWhatToDo(bool sync)
    {
        using NatsKvCache cache = Cache(o => o.CreateBucket = false);

        var error = await Assert.ThrowsAsync<NatsKvBucketConfigException>(() => Use(cache, sync));

        Assert.Empty(_client.Made);
        Assert.Equal("cache", error.Bucket);
        Assert.Contains("CreateBucket is false", error.Message, StringComparison.Ordinal);
        Assert.Contains("max_msgs_per_subject: 1", error.Message, StringComparison.Ordinal);
        Assert.Contains("subject_delete_marker_ttl", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, true, true, "keeps 5 revisions")]
    [InlineData(1, false, false, "doesn't allow a TTL per key")]
    [InlineData(1, true, false, "leaves no markers")]
    public async Task Use_UnfitBucket_IsRefusedAndLeftAlone(int history, bool ttl, bool markers, string fault)
    {
        _client.Exists = true;
        _client.Bucket.AllowsKeyTtl = ttl;
        _client.Bucket.Config = new NatsKvBucketConfig { Bucket = "cache", History = history, LimitMarkerTtl = markers ? TimeSpan.FromSeconds(1) : null };
        using NatsKvCache cache = Cache();

        var error = await Assert.ThrowsAsync<NatsKvBucketConfigException>(() => Use(cache, sync: history == 5));

        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
        Assert.Contains("CreateBucket", error.Message, StringComparison.Ordinal);
        Assert.Empty(_client.Made);
    }

    [Fact]
    public async Task Use_BucketWithSeveralFaults_NamesThemAllAtOnce()
    {
        _client.Exists = true;
        _client.Bucket.AllowsKeyTtl = false;
        _client.Bucket.Config = new NatsKvBucketConfig { Bucket = "cache", History = 5 };
        using NatsKvCache cache = Cache();

        var error = await Assert.ThrowsAsync<NatsKvBucketConfigException>(() => Use(cache, sync: false));

        Assert.Contains("keeps 5 revisions", error.Message, StringComparison.Ordinal);
        Assert.Contains("doesn't allow a TTL per key", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Use_OldServer_IsRefusedBeforeAnythingIsMade(bool sync, bool exists)
    {
        _client.Exists = exists;
        _client.Server = _client.Server! with { ApiLevel = 0, Version = "2.10.27" };
        using NatsKvCache cache = Cache();

        var error = await Assert.ThrowsAsync<NatsKvNotSupportedException>(() => Use(cache, sync));

        Assert.Equal("per-key TTL", error.Feature);
        Assert.Contains("2.11", error.Message, StringComparison.Ordinal);
        Assert.Contains("2.10.27", error.Message, StringComparison.Ordinal);
        Assert.Empty(_client.Made);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Use_PreparationFailed_IsTriedAgain(bool sync)
    {
        _client.NextFailure = new NatsKvTimeoutException(TimeSpan.FromSeconds(5), "no answer");
        using NatsKvCache cache = Cache();

        await Assert.ThrowsAsync<NatsKvTimeoutException>(() => Use(cache, sync));
        await Use(cache, sync);

        Assert.Single(_client.Made);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Use_BucketDeletedMeanwhile_FailsOnceAndMakesItAgain(bool sync)
    {
        using NatsKvCache cache = Cache();
        await Use(cache, sync);
        _client.Exists = false;

        await Assert.ThrowsAsync<NatsKvBucketNotFoundException>(() => Use(cache, sync));
        await Use(cache, sync);

        Assert.Equal(2, _client.Made.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Use_OthersMakeAFitBucketMeanwhile_IsUsed(bool sync)
    {
        _client.OnCreate = () =>
        {
            _client.Exists = true;
            throw new NatsKvBucketExistsException("cache");
        };
        using NatsKvCache cache = Cache();

        await Use(cache, sync);

        Assert.Empty(_client.Made);
    }

    [Fact]
    public async Task Use_ManyAtOnce_ShareOneAttempt()
    {
        using NatsKvCache cache = Cache();

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => cache.GetAsync("k", Ct)));

        Assert.Single(_client.Made);
    }

    [Fact]
    public void Constructor_InvalidOptions_SaysWhatIsWrong()
    {
        var error = Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() => Cache(o =>
        {
            o.Bucket = "a.b";
            o.InstanceName = "";
            o.Replicas = 6;
            o.SlidingRefreshQuantum = 0.6;
            o.LimitMarkerTtl = TimeSpan.FromMilliseconds(500);
            o.ExpirationGrace = TimeSpan.FromSeconds(-1);
            o.DefaultExpiration = TimeSpan.Zero;
            o.DefaultSlidingExpiration = TimeSpan.Zero;
            o.MaxBytes = 0;
            o.Storage = (NatsKvStorage)9;
            o.SlidingRefresh = (NatsKvSlidingRefresh)9;
        }));

        Assert.Equal(11, error.Failures.Count());
    }

    private static Task Use(NatsKvCache cache, bool sync)
    {
        if (!sync)
        {
            return cache.GetAsync("k", Ct);
        }

        try
        {
            cache.Get("k");
            return Task.CompletedTask;
        }
        catch (Exception exception)
        {
            return Task.FromException(exception);
        }
    }

    private NatsKvCache Cache(Action<NatsKvCacheOptions>? configure = null)
    {
        var options = new NatsKvCacheOptions();
        configure?.Invoke(options);
        return new NatsKvCache(_client, Microsoft.Extensions.Options.Options.Create(options));
    }
}
