using NatsKv.Caching.Tests.Contract;

namespace NatsKv.Caching.Tests.Server;

/// <summary>The contract on a real server.</summary>
public sealed class ServerContractTests(CacheServer server) : CacheContractTests, IDisposable
{
    private readonly string _bucket = server.NewName("contract");
    private readonly List<NatsKvCache> _caches = [];

    protected override DateTimeOffset Now => DateTimeOffset.UtcNow;

    public void Dispose() => _caches.ForEach(cache => cache.Dispose());

    protected override NatsKvCache Create(Action<NatsKvCacheOptions>? configure = null)
    {
        NatsKvCache cache = server.Cache(_bucket, configure);
        _caches.Add(cache);
        return cache;
    }
}
