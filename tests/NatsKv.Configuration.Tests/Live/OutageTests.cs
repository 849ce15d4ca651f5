using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using NatsKv.Testing;

namespace NatsKv.Configuration.Tests.Live;

/// <summary>What servers do to those who follow them; each test has one of its own.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private const string BucketName = "config";

    private NatsServer _nats = null!;
    private NatsKvClient _client = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _nats = await NatsServer.StartAsync(ct: Cancellation);
        _client = new NatsKvClient(new NatsKvOptions { Url = _nats.Url, ClientName = "test" });
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _nats.DisposeAsync();
    }

    [Fact]
    public async Task ServerKilledAndRestarted_ChangeRightAfter_IsSeen()
    {
        INatsKvBucket bucket = await CreateAsync();
        await bucket.PutAsync("a", "1", cancellationToken: Cancellation);
        using ConfigurationRoot root = Load();
        await _nats.KillAsync(Cancellation);
        Assert.Equal("1", root["a"]);
        root.Reload();
        Assert.Equal("1", root["a"]);
        await _nats.RestartAsync(ct: Cancellation);
        await PutWhenPossibleAsync(bucket, "a", "2");
        await Eventual.EqualAsync("2", () => root["a"]);
    }

    [Fact]
    public async Task BucketDeletedAndMadeAnew_OldKeysGoAndNewOnesCome()
    {
        INatsKvBucket bucket = await CreateAsync();
        for (int i = 0; i < 20; i++)
        {
            await bucket.PutAsync($"old.{i}", "1", cancellationToken: Cancellation);
        }

        using ConfigurationRoot root = Load();
        await _client.DeleteBucketAsync(BucketName, Cancellation);
        bucket = await CreateAsync();
        await bucket.PutAsync("new", "1", cancellationToken: Cancellation);
        await Eventual.EqualAsync("1", () => root["new"]);
        Assert.Equal("new", Assert.Single(root.GetChildren()).Key);
        await bucket.PutAsync("new", "2", cancellationToken: Cancellation);
        await Eventual.EqualAsync("2", () => root["new"]);
    }

    [Fact]
    public async Task BucketDeleted_LastValuesStay()
    {
        INatsKvBucket bucket = await CreateAsync();
        await bucket.PutAsync("a", "1", cancellationToken: Cancellation);
        var logger = new Following.RecordingLogger();
        using ConfigurationRoot root = Load(source => source.LoggerFactory = logger);
        await _client.DeleteBucketAsync(BucketName, Cancellation);

        // More than once, if the machine stood still before, for longer than a watch with such heartbeats takes for silence.
        await Eventual.EqualAsync(true, () => logger.Count(Microsoft.Extensions.Logging.LogLevel.Warning, "is not followed") > 0);
        Assert.Equal("1", root["a"]);
        root.Reload();
        Assert.Equal("1", root["a"]);
    }

    [Fact]
    public async Task Optional_ServerStartsLater_CatchesUp()
    {
        INatsKvBucket bucket = await CreateAsync();
        await bucket.PutAsync("a", "1", cancellationToken: Cancellation);
        await _nats.KillAsync(Cancellation);
        using ConfigurationRoot root = Load(static source => source.Optional = true);
        Assert.Empty(root.GetChildren());
        await _nats.RestartAsync(ct: Cancellation);
        await Eventual.EqualAsync("1", () => root["a"]);
    }

    [Fact]
    public async Task Optional_BucketMadeLater_CatchesUp()
    {
        using ConfigurationRoot root = Load(static source => source.Optional = true);
        Assert.Empty(root.GetChildren());
        INatsKvBucket bucket = await CreateAsync();
        await bucket.PutAsync("a", "1", cancellationToken: Cancellation);
        await Eventual.EqualAsync("1", () => root["a"]);
    }

    [Fact]
    public async Task Required_ServerStartsWithinTheTimeout_Loads()
    {
        INatsKvBucket bucket = await CreateAsync();
        await bucket.PutAsync("a", "1", cancellationToken: Cancellation);
        await _nats.KillAsync(Cancellation);
        Task<ConfigurationRoot> load = Task.Run(() => Load(static source => source.LoadTimeout = TimeSpan.FromMinutes(1)), Cancellation);
        await _nats.RestartAsync(ct: Cancellation);
        using ConfigurationRoot root = await load;
        Assert.Equal("1", root["a"]);
    }

    [Fact]
    public async Task Rebuilds_TwoHundred_KeepOneWatchAndOneConnection()
    {
        INatsKvBucket bucket = await CreateAsync();
        await bucket.PutAsync("a", "1", cancellationToken: Cancellation);
        const int connections = 1;
        await Eventual.EqualAsync(connections, () => _nats.GetConnectionCountAsync(Cancellation));
        using var manager = new ConfigurationManager();
        manager.AddNatsKv(Configure);
        for (int i = 0; i < 100; i++)
        {
            manager.Sources.Insert(0, new MemoryConfigurationSource());
            ((IConfigurationBuilder)manager).Properties["p"] = i;
            Assert.Equal("1", manager["a"]);
        }

        // A watch that begins anew after a silence has two for a moment.
        await Eventual.EqualAsync(1, () => Server.CountConsumersAsync(_nats, BucketName));
        await Eventual.EqualAsync(connections + 1, () => _nats.GetConnectionCountAsync(Cancellation));
        await bucket.PutAsync("a", "2", cancellationToken: Cancellation);
        await Eventual.EqualAsync("2", () => manager["a"]);

        // Not yet disposed: the manager disposes the providers, and the source lets go.
        manager.Dispose();
        await Eventual.EqualAsync(0, () => Server.CountConsumersAsync(_nats, BucketName));
        await Eventual.EqualAsync(connections, () => _nats.GetConnectionCountAsync(Cancellation));
        Assert.Equal("2", manager["a"]);
    }

    [Fact]
    public async Task AddNatsKv_TwoBuckets_UseOneConnection()
    {
        await CreateAsync();
        await _client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "other" }, Cancellation);
        const int connections = 1;
        await Eventual.EqualAsync(connections, () => _nats.GetConnectionCountAsync(Cancellation));
        using (var manager = new ConfigurationManager())
        {
            manager.AddInMemoryCollection([new("NatsKv:Url", _nats.Url)]);
            manager.AddNatsKv().AddNatsKv("other");
            await Eventual.EqualAsync(connections + 1, () => _nats.GetConnectionCountAsync(Cancellation));
        }

        await Eventual.EqualAsync(connections, () => _nats.GetConnectionCountAsync(Cancellation));
    }

    [Fact]
    public async Task ServerRestartedWithAnEmptyStore_KeysGo()
    {
        INatsKvBucket bucket = await CreateAsync();
        await bucket.PutAsync("a", "1", cancellationToken: Cancellation);
        using ConfigurationRoot root = Load();
        await _nats.RestartAsync(wipeStore: true, Cancellation);

        // A client of its own: another may still meet the breaking connection.
        await using var other = new NatsKvClient(new NatsKvOptions { Url = _nats.Url });
        bucket = await other.CreateBucketAsync(new NatsKvBucketConfig { Bucket = BucketName }, Cancellation);
        await PutWhenPossibleAsync(bucket, "b", "1");
        await Eventual.EqualAsync("1", () => root["b"]);
        Assert.Null(root["a"]);
    }

    private static async Task PutWhenPossibleAsync(INatsKvBucket bucket, string key, string value)
    {
        while (true)
        {
            try
            {
                await bucket.PutAsync(key, value, cancellationToken: Cancellation);
                return;
            }
            catch (NatsKvException exception) when (exception.IsTransient)
            {
                await Task.Yield();
            }
        }
    }

    private ValueTask<INatsKvBucket> CreateAsync() => _client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = BucketName }, Cancellation);

    private void Configure(NatsKvConfigurationSource source)
    {
        source.ConfigureConnection = options => options.Url = _nats.Url;
        source.IdleHeartbeat = TimeSpan.FromMilliseconds(250);
        source.LoadTimeout = TimeSpan.FromMinutes(1);
    }

    private ConfigurationRoot Load(Action<NatsKvConfigurationSource>? configure = null) => (ConfigurationRoot)new ConfigurationBuilder()
        .AddNatsKv(source =>
        {
            Configure(source);
            configure?.Invoke(source);
        })
        .Build();
}
