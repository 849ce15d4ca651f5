using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NatsKv.Caching.Tests.Fakes;

namespace NatsKv.Caching.Tests.DependencyInjection;

public sealed class AddNatsKvCacheTests : IDisposable
{
    private readonly FakeClient _client = new(TimeProvider.System);

    public void Dispose() => _client.Dispose();

    [Fact]
    public void AddNatsKvCache_Always_RegistersASingleton()
    {
        IServiceCollection services = new ServiceCollection().AddNatsKvCache();

        ServiceDescriptor descriptor = Assert.Single(services, service => service.ServiceType == typeof(IDistributedCache));
        Assert.Equal(ServiceLifetime.Singleton, descriptor.Lifetime);
    }

    [Fact]
    public void AddNatsKvCache_AfterAnotherCache_Wins()
    {
        using ServiceProvider provider = Build(new ServiceCollection().AddDistributedMemoryCache().AddNatsKvCache());

        Assert.IsType<NatsKvCache>(provider.GetRequiredService<IDistributedCache>());
    }

    [Fact]
    public void AddNatsKvCache_BeforeAnotherCache_Loses()
    {
        using ServiceProvider provider = Build(new ServiceCollection().AddNatsKvCache().AddSingleton<IDistributedCache, OtherCache>());

        Assert.IsType<OtherCache>(provider.GetRequiredService<IDistributedCache>());
    }

    [Fact]
    public void AddNatsKvCache_EveryForm_AllowsChaining()
    {
        var services = new ServiceCollection();

        Assert.Same(services, services.AddNatsKvCache());
        Assert.Same(services, services.AddNatsKvCache("b"));
        Assert.Same(services, services.AddNatsKvCache(_ => { }));
    }

    [Fact]
    public void AddNatsKvCache_Result_IsABufferCache()
    {
        using ServiceProvider provider = Build(new ServiceCollection().AddNatsKvCache());

        Assert.IsAssignableFrom<IBufferDistributedCache>(provider.GetRequiredService<IDistributedCache>());
    }

    [Fact]
    public void AddNatsKvCache_WithoutLogging_CanBeResolved()
    {
        ServiceCollection services = [];
        services.AddNatsKvCache();
        services.RemoveAll<ILoggerFactory>();
        using ServiceProvider provider = Build(services);

        Assert.NotNull(provider.GetRequiredService<IDistributedCache>());
    }

    [Fact]
    public void AddNatsKvCache_WithLogging_UsesTheRegisteredFactory()
    {
        using var factory = new RecordingLoggerFactory();
        ServiceCollection services = [];
        services.AddSingleton<ILoggerFactory>(factory);
        services.AddLogging();
        services.AddNatsKvCache();
        using ServiceProvider provider = Build(services);

        provider.GetRequiredService<IDistributedCache>();

        Assert.Contains("NatsKv.Caching.NatsKvCache", factory.Categories, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData(null, null, "cache")]
    [InlineData("from-section", null, "from-section")]
    [InlineData("from-section", "argument", "argument")]
    [InlineData(null, "argument", "argument")]
    public void Bucket_ArgumentBeforeConfigurationBeforeDefault(string? section, string? argument, string expected)
    {
        ServiceCollection services = Configured(("NatsKv:Cache:Bucket", section));
        _ = argument is null ? services.AddNatsKvCache() : services.AddNatsKvCache(argument);

        Assert.Equal(expected, OptionsOf(services).Bucket);
    }

    [Fact]
    public void AddNatsKvCache_Twice_TheLastOneWins()
    {
        ServiceCollection services = Configured(("NatsKv:Cache:Bucket", "from-section"));
        services.AddNatsKvCache("first").AddNatsKvCache("second");

        Assert.Equal("second", OptionsOf(services).Bucket);
        using ServiceProvider provider = Build(services);
        Assert.Equal("Cache in bucket 'second'", provider.GetRequiredService<IDistributedCache>().ToString());
    }

    [Fact]
    public void Section_EverySetting_IsTaken()
    {
        ServiceCollection services = Configured(
            ("NatsKv:Cache:InstanceName", "shop"),
            ("NatsKv:Cache:CreateBucket", "false"),
            ("NatsKv:Cache:Storage", "memory"),
            ("NatsKv:Cache:Replicas", "3"),
            ("NatsKv:Cache:MaxBytes", "1048576"),
            ("NatsKv:Cache:LimitMarkerTtl", "2m"),
            ("NatsKv:Cache:ExpirationGrace", "00:00:05"),
            ("NatsKv:Cache:DefaultExpiration", "1.5h"),
            ("NatsKv:Cache:DefaultSlidingExpiration", "20m"),
            ("NatsKv:Cache:SlidingRefresh", "OnRefreshOnly"),
            ("NatsKv:Cache:SlidingRefreshQuantum", "0.25"),
            ("NatsKv:Cache:ReadFromLeader", "true"));
        services.AddNatsKvCache();

        NatsKvCacheOptions options = OptionsOf(services);

        Assert.Equal("shop", options.InstanceName);
        Assert.False(options.CreateBucket);
        Assert.Equal(NatsKvStorage.Memory, options.Storage);
        Assert.Equal(3, options.Replicas);
        Assert.Equal(1048576, options.MaxBytes);
        Assert.Equal(TimeSpan.FromMinutes(2), options.LimitMarkerTtl);
        Assert.Equal(TimeSpan.FromSeconds(5), options.ExpirationGrace);
        Assert.Equal(TimeSpan.FromHours(1.5), options.DefaultExpiration);
        Assert.Equal(TimeSpan.FromMinutes(20), options.DefaultSlidingExpiration);
        Assert.Equal(NatsKvSlidingRefresh.OnRefreshOnly, options.SlidingRefresh);
        Assert.Equal(0.25, options.SlidingRefreshQuantum);
        Assert.True(options.ReadFromLeader);
    }

    [Theory]
    [InlineData("Replicas", "many")]
    [InlineData("CreateBucket", "yes")]
    [InlineData("Storage", "7")]
    [InlineData("ExpirationGrace", "soon")]
    [InlineData("DefaultExpiration", "1 fortnight")]
    [InlineData("SlidingRefreshQuantum", "a tenth")]
    public void Section_UnreadableSetting_IsNamed(string name, string value)
    {
        ServiceCollection services = Configured(($"NatsKv:Cache:{name}", value));
        services.AddNatsKvCache();

        var error = Assert.Throws<ArgumentException>(() => OptionsOf(services));

        Assert.Contains($"NatsKv:Cache:{name}", error.Message, StringComparison.Ordinal);
        Assert.Contains($"'{value}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_InvalidOptions_FailWithEveryReason()
    {
        ServiceCollection services = [];
        services.AddNatsKvCache(options =>
        {
            options.Replicas = 9;
            options.InstanceName = "a b";
        });
        using ServiceProvider provider = Build(services);

        var error = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<IStartupValidator>().Validate);

        Assert.Contains("Replicas", error.Message, StringComparison.Ordinal);
        Assert.Contains("NatsKv:Cache:InstanceName is 'a b'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddNatsKvCache_WrongArguments_AreRefused()
    {
        var services = new ServiceCollection();

        Assert.Throws<ArgumentNullException>(() => ((IServiceCollection)null!).AddNatsKvCache());
        Assert.Throws<ArgumentException>(() => services.AddNatsKvCache(""));
        Assert.Throws<ArgumentNullException>(() => services.AddNatsKvCache((string)null!));
        Assert.Throws<ArgumentNullException>(() => services.AddNatsKvCache((Action<NatsKvCacheOptions>)null!));
    }

    private static ServiceCollection Configured(params (string Key, string? Value)[] settings)
    {
        ServiceCollection services = [];
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)))
            .Build());
        return services;
    }

    private NatsKvCacheOptions OptionsOf(IServiceCollection services)
    {
        using ServiceProvider provider = Build(services);
        return provider.GetRequiredService<IOptions<NatsKvCacheOptions>>().Value;
    }

    private ServiceProvider Build(IServiceCollection services)
    {
        services.Replace(ServiceDescriptor.Singleton<INatsKvClient>(_client));
        return services.BuildServiceProvider();
    }

    private sealed class OtherCache : IDistributedCache
    {
        public byte[]? Get(string key) => null;

        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => Task.FromResult<byte[]?>(null);

        public void Refresh(string key)
        {
        }

        public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

        public void Remove(string key)
        {
        }

        public Task RemoveAsync(string key, CancellationToken token = default) => Task.CompletedTask;

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
        {
        }

        public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) => Task.CompletedTask;
    }

    private sealed class RecordingLoggerFactory : ILoggerFactory
    {
        public List<string> Categories { get; } = [];

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName)
        {
            Categories.Add(categoryName);
            return Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;
        }

        public void Dispose()
        {
        }
    }
}
