using Microsoft.Extensions.Options;
using NatsKv.Caching.Tests.Server;
using NatsKv.TestKit;

[assembly: AssemblyFixture(typeof(CacheServer))]

namespace NatsKv.Caching.Tests.Server;

/// <summary>One real server and one client for all tests.</summary>
public sealed class CacheServer : NatsServerFixture, IAsyncLifetime
{
    private NatsKvClient? _client;

    public NatsKvClient Client => _client ??= new NatsKvClient(new NatsKvOptions { Url = Url });

    /// <summary>A cache with a bucket in memory.</summary>
    public NatsKvCache Cache(string bucket, Action<NatsKvCacheOptions>? configure = null, TimeProvider? clock = null)
    {
        var options = new NatsKvCacheOptions { Bucket = bucket, Storage = NatsKvStorage.Memory };
        configure?.Invoke(options);
        return new NatsKvCache(Client, Options.Create(options), timeProvider: clock);
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }

        await DisposeAsync();
    }
}
