using Microsoft.Extensions.Options;
using NatsKv.Caching.Tests.Fakes;
using NatsKv.TestKit;

namespace NatsKv.Caching.Tests.Contract;

public sealed class FakeBucketContractTests : CacheContractTests, IDisposable
{
    private readonly ManualTimeProvider _clock = new();
    private readonly FakeClient _client;
    private readonly List<NatsKvCache> _caches = [];

    public FakeBucketContractTests() => _client = new FakeClient(_clock);

    protected override DateTimeOffset Now => _clock.GetUtcNow();

    public void Dispose()
    {
        _caches.ForEach(cache => cache.Dispose());
        _client.Dispose();
    }

    protected override NatsKvCache Create(Action<NatsKvCacheOptions>? configure = null)
    {
        var options = new NatsKvCacheOptions();
        configure?.Invoke(options);
        var cache = new NatsKvCache(_client, Options.Create(options), timeProvider: _clock);
        _caches.Add(cache);
        return cache;
    }
}
