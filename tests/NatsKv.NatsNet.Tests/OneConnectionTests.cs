using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;
using NatsKv.TestKit;
using NatsKv.Testing;

namespace NatsKv.NatsNet.Tests;

/// <summary>An application that has a connection of the official client needs no other.</summary>
public sealed class OneConnectionTests(Server server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ConfigurationCacheClientAndApplication_ShareTheApplicationsConnection()
    {
        await using NatsServer own = await NatsServer.StartAsync(ct: Ct);
        await using var connection = new NatsConnection(new NatsOpts { Url = own.Url });
        await using (var seeding = new NatsKvClient(new NatsKvOptions().UseNatsNet(connection)))
        {
            INatsKvBucket bucket = await seeding.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "config" }, Ct);
            await bucket.PutAsync("A.B", "there", cancellationToken: Ct);
        }

        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        var log = new WarningLog();
        builder.Logging.AddProvider(log);
        builder.Configuration.AddNatsKv(source => source.ConfigureConnection = options => options.UseNatsNet(connection));
        builder.Services.AddSingleton<INatsConnection>(connection);
        builder.Services.AddNatsKv().UseNatsNet();
        builder.Services.AddNatsKvCache("cache");

        using (IHost host = builder.Build())
        {
            await host.StartAsync(Ct);
            var configuration = host.Services.GetRequiredService<IConfiguration>();
            Assert.Equal("there", configuration["A:B"]);
            var cache = host.Services.GetRequiredService<IDistributedCache>();
            await cache.SetStringAsync("key", "value", Ct);
            Assert.Equal("value", await cache.GetStringAsync("key", Ct));
            Assert.Equal("value", Encoding.UTF8.GetString(cache.Get("key")!));
            INatsKvClient client = host.Services.GetRequiredService<INatsKvClient>();
            await client.Bind("config").PutAsync("A.B", "changed", cancellationToken: Ct);
            await Eventually.EqualAsync("changed", () => configuration["A:B"], "the setting", ct: Ct);
            await connection.PublishAsync("the.applications.own", "message", cancellationToken: Ct);

            await Eventually.EqualAsync(1, () => own.GetConnectionCountAsync(Ct), "connections", ct: Ct);
            await host.StopAsync(Ct);
        }

        Assert.Empty(log.Warnings);
        await connection.PingAsync(Ct);
        await Eventually.EqualAsync(1, () => own.GetConnectionCountAsync(Ct), "connections", ct: Ct);
        Assert.Equal(NatsConnectionState.Open, connection.ConnectionState);
    }

    [Fact]
    public async Task ConfigurationOnAConnectionOfItsOwn_IsASecondOneAndTheWarningSaysWhy()
    {
        await using NatsServer own = await NatsServer.StartAsync(ct: Ct);
        await using var connection = new NatsConnection(new NatsOpts { Url = own.Url });
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        var log = new WarningLog();
        builder.Logging.AddProvider(log);
        builder.Configuration.AddInMemoryCollection([new("NatsKv:Url", own.Url)]);
        builder.Configuration.AddNatsKv("config", optional: true);
        builder.Services.AddSingleton<INatsConnection>(connection);
        builder.Services.UseNatsNet();
        using IHost host = builder.Build();

        await host.Services.GetRequiredService<INatsKvClient>().PingAsync(Ct);

        Assert.Contains(log.Warnings, static warning => warning.EndsWith(": TransportFactory", StringComparison.Ordinal));
        await Eventually.EqualAsync(2, () => own.GetConnectionCountAsync(Ct), "connections", ct: Ct);
    }

    [Fact]
    public async Task ClientDisposed_LeavesNoSubscriptionBehind()
    {
        await using NatsServer own = await NatsServer.StartAsync(ct: Ct);
        await using var connection = new NatsConnection(new NatsOpts { Url = own.Url });
        await connection.PingAsync(Ct);
        int before = await SubscriptionsAsync(own);
        await using (var client = new NatsKvClient(new NatsKvOptions().UseNatsNet(connection)))
        {
            INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket" }, Ct);
            await using INatsKvWatch watch = bucket.StartWatch(new Silent());
            await Eventually.TrueAsync(() => watch.State == NatsKvWatchState.Following, "the watch follows", ct: Ct);
        }

        await Eventually.EqualAsync(before, () => SubscriptionsAsync(own), "subscriptions of the connection", ct: Ct);
    }

    [Fact]
    public async Task ApplicationDisposesItsConnectionFirst_TheClientSaysSoAndTheWatchEnds()
    {
        var connection = new NatsConnection(new NatsOpts { Url = server.Url });
        await using var client = new NatsKvClient(new NatsKvOptions().UseNatsNet(connection));
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = server.NewName() }, Ct);
        await using INatsKvWatch watch = bucket.StartWatch(new Silent());
        await Eventually.TrueAsync(() => watch.State == NatsKvWatchState.Following, "the watch follows", ct: Ct);

        await connection.DisposeAsync();

        await Eventually.TrueAsync(() => watch.State == NatsKvWatchState.Stopped, "the watch has ended", ct: Ct);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await bucket.GetAsync("key", Ct));
    }

    [Fact]
    public async Task NonAsciiHeader_IsRefusedUnlessTheConnectionCanWriteIt()
    {
        await using var ascii = new NatsConnection(new NatsOpts { Url = server.Url });
        await using var utf8 = new NatsConnection(new NatsOpts { Url = server.Url, HeaderEncoding = Encoding.UTF8 });
        await using var refusing = new NatsKvClient(new NatsKvOptions().UseNatsNet(ascii));
        await using var client = new NatsKvClient(new NatsKvOptions().UseNatsNet(utf8));
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = server.NewName() }, Ct);
        var options = new NatsKvWriteOptions { Headers = new NatsKvHeaders { { "Name", "Zoë" } } };

        var value = new ReadOnlySequence<byte>("value"u8.ToArray());
        NatsKvException thrown = await Assert.ThrowsAsync<NatsKvException>(async () => await refusing.Bind(bucket.Name).PutAsync("key", value, options, Ct));
        await bucket.PutAsync("key", value, options, Ct);

        Assert.Contains("HeaderEncoding", thrown.Message, StringComparison.Ordinal);
        Assert.Equal("Zoë", await refusing.Bind(bucket.Name).ReadAsync<object?, string>("key", null, static (entry, _) => NameOf(entry), cancellationToken: Ct));
    }

    private static async Task<int> SubscriptionsAsync(NatsServer server)
    {
        using var http = new HttpClient();
        using var document = JsonDocument.Parse(await http.GetStringAsync(new Uri($"{server.MonitoringUrl}/connz"), Ct));
        return document.RootElement.GetProperty("connections").EnumerateArray().Single().GetProperty("subscriptions").GetInt32();
    }

    private static string NameOf(NatsKvEntryView entry) => entry.Headers.TryGet("Name"u8, out ReadOnlySpan<byte> name) ? Encoding.UTF8.GetString(name) : "none";

    private sealed class Silent : INatsKvWatchHandler
    {
        public void OnEntry(NatsKvEntryView entry)
        {
        }

        public void OnInitialDataComplete()
        {
        }

        public void OnReset()
        {
        }

        public void OnInterrupted(Exception cause)
        {
        }
    }

    private sealed class WarningLog : ILoggerProvider, ILogger
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _warnings = new();

        public IEnumerable<string> Warnings => _warnings;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Warning)
            {
                _warnings.Enqueue(formatter(state, exception));
            }
        }

        public void Dispose()
        {
        }
    }
}
