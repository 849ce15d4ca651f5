using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NatsKv.TestKit;
using NatsKv.Testing;

namespace NatsKv.Extensions.Tests.Hosting;

/// <summary>A host's configuration, cache and client use one connection between them; the server itself is asked.</summary>
public sealed class OneConnectionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ConfigurationCacheAndClient_ShareOneConnectionThatClosesWithTheHost()
    {
        await using NatsServer server = await SeededServerAsync();
        HostApplicationBuilder builder = NewBuilder(server.Url);
        builder.Configuration.AddNatsKv("config");
        builder.Services.AddNatsKvCache("cache");
        builder.Services.AddNatsKv();

        using (IHost host = builder.Build())
        {
            await host.StartAsync(Ct);
            var cache = host.Services.GetRequiredService<IDistributedCache>();
            await cache.SetStringAsync("key", "value", Ct);
            Assert.Equal("value", await cache.GetStringAsync("key", Ct));
            await host.Services.GetRequiredService<INatsKvClient>().PingAsync(Ct);
            Assert.Equal("there", host.Services.GetRequiredService<IConfiguration>()["A:B"]);

            await Eventually.EqualAsync(1, () => server.GetConnectionCountAsync(Ct), "connections", ct: Ct);
            await host.StopAsync(Ct);
        }

        await Eventually.EqualAsync(0, () => server.GetConnectionCountAsync(Ct), "connections once the host is gone", ct: Ct);
    }

    [Fact]
    public async Task CacheAlone_MakesOneConnection()
    {
        await using NatsServer server = await SeededServerAsync();
        HostApplicationBuilder builder = NewBuilder(server.Url);
        builder.Services.AddNatsKvCache();
        using IHost host = builder.Build();

        await host.Services.GetRequiredService<IDistributedCache>().SetStringAsync("key", "value", Ct);

        await Eventually.EqualAsync(1, () => server.GetConnectionCountAsync(Ct), "connections", ct: Ct);
    }

    [Fact]
    public async Task ExplicitSameSettings_StillShare()
    {
        await using NatsServer server = await SeededServerAsync();
        HostApplicationBuilder builder = NewBuilder(server.Url);
        builder.Configuration.AddNatsKv("config");
        builder.Services.AddNatsKv(options => options.Url = server.Url);
        using IHost host = builder.Build();

        await host.Services.GetRequiredService<INatsKvClient>().PingAsync(Ct);

        await Eventually.EqualAsync(1, () => server.GetConnectionCountAsync(Ct), "connections", ct: Ct);
    }

    [Fact]
    public async Task ExplicitOtherSettings_MakeASecondConnectionAndOneWarning()
    {
        await using NatsServer server = await SeededServerAsync();
        var log = new ListLogger();
        HostApplicationBuilder builder = NewBuilder(server.Url);
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Configuration.AddNatsKv("config");
        builder.Services.AddNatsKv(options => options.ClientName = "another");
        builder.Services.AddNatsKvCache();
        using IHost host = builder.Build();

        await host.Services.GetRequiredService<IDistributedCache>().SetStringAsync("key", "value", Ct);
        await host.Services.GetRequiredService<INatsKvClient>().PingAsync(Ct);

        await Eventually.EqualAsync(2, () => server.GetConnectionCountAsync(Ct), "connections", ct: Ct);
        string warning = Assert.Single(log.Warnings, static warning => warning.Contains("ClientName", StringComparison.Ordinal));
        Assert.DoesNotContain("Url", warning, StringComparison.Ordinal);
    }

    private static HostApplicationBuilder NewBuilder(string url)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection([new("NatsKv:Url", url)]);
        return builder;
    }

    private static async Task<NatsServer> SeededServerAsync()
    {
        NatsServer server = await NatsServer.StartAsync(ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = server.Url });
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "config" }, Ct);
        await bucket.PutAsync("A.B", "there", cancellationToken: Ct);
        await client.DisposeAsync();
        await Eventually.EqualAsync(0, () => server.GetConnectionCountAsync(Ct), "connections after the seeding", ct: Ct);
        return server;
    }

    private sealed class ListLogger : ILoggerProvider, ILogger
    {
        private readonly List<string> _warnings = [];

        public IReadOnlyList<string> Warnings => _warnings;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Warning)
            {
                lock (_warnings)
                {
                    _warnings.Add(formatter(state, exception));
                }
            }
        }

        public void Dispose()
        {
        }
    }
}
