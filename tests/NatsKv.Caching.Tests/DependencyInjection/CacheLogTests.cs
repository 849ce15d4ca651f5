using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NatsKv.Caching.Tests.Fakes;
using NatsKv.TestKit;

namespace NatsKv.Caching.Tests.DependencyInjection;

public sealed class CacheLogTests
{
    [Fact]
    public async Task Log_AboveDebug_NeverShowsKeysOrValues()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        var clock = new ManualTimeProvider();
        using var client = new FakeClient(clock);
        var log = new ListLogger();
        using var cache = new NatsKvCache(client, Options.Create(new NatsKvCacheOptions()), log, clock);
        byte[] secret = "secret-value"u8.ToArray();
        var sliding = new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromSeconds(5) };

        await cache.SetAsync("secret-key", secret, sliding, ct);
        client.Bucket.BeforePut = (_, _) => throw new NatsKvTimeoutException(TimeSpan.FromSeconds(1), "no answer");
        await cache.GetAsync("secret-key", ct);
        client.Bucket.BeforePut = null;
        client.Bucket.PurgeFailure = new NatsKvTimeoutException(TimeSpan.FromSeconds(1), "no answer");
        await Assert.ThrowsAsync<NatsKvValueTooLargeException>(() => cache.SetAsync("secret-key", new byte[2 << 20], sliding, ct));
        client.Exists = false;
        await Assert.ThrowsAsync<NatsKvBucketNotFoundException>(() => cache.GetAsync("secret-key", ct));

        Assert.Equal([LogLevel.Information, LogLevel.Debug, LogLevel.Warning, LogLevel.Warning], log.Lines.Select(line => line.Level));
        Assert.All(log.Lines.Where(line => line.Level > LogLevel.Debug), line => Assert.DoesNotContain("secret", line.Text, StringComparison.Ordinal));
        Assert.All(log.Lines, line => Assert.DoesNotContain("secret-value", line.Text, StringComparison.Ordinal));
        Assert.DoesNotContain("secret", cache.ToString(), StringComparison.Ordinal);
    }

    private sealed class ListLogger : ILogger<NatsKvCache>
    {
        public List<(LogLevel Level, string Text)> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add((logLevel, formatter(state, exception)));
    }
}
