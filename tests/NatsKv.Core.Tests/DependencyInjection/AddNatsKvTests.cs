using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NatsKv.Transport;

namespace NatsKv.Tests.DependencyInjection;

public sealed class AddNatsKvTests : IDisposable
{
    private readonly WarningLog _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task AddNatsKv_WithoutAnything_IsOneClientOnTheDefaultUrl()
    {
        await using ServiceProvider services = Build([], static services => services.AddNatsKv().AddNatsKv());

        INatsKvClient client = services.GetRequiredService<INatsKvClient>();

        Assert.Same(client, services.GetRequiredService<INatsKvClient>());
        Assert.Single(services.GetServices<INatsKvClient>());
        Assert.Equal("nats://localhost:4222", Settings(client).Url);
        Assert.Empty(_log.Messages);
    }

    [Fact]
    public async Task AddNatsKv_SeveralCallsAndConfiguration_ApplyInOrder()
    {
        await using ServiceProvider services = Build(
            [],
            static services => services
                .AddNatsKv(static options => (options.User, options.Password) = ("first", "p"))
                .AddNatsKv(static options => options.User = "second"),
            ("NatsKv:ClientName", "from-section"),
            ("ConnectionStrings:nats", "nats://a"));

        NatsKvConnectionSettings settings = Settings(services.GetRequiredService<INatsKvClient>());

        Assert.Equal(("nats://a:4222", "second", "from-section"), (settings.Url, settings.Servers[0].User, settings.ClientName));
    }

    [Fact]
    public async Task AddNatsKv_WithoutIConfiguration_Works()
    {
        await using ServiceProvider services = new ServiceCollection().AddNatsKv().BuildServiceProvider();

        Assert.NotNull(services.GetRequiredService<INatsKvClient>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AddNatsKv_ConfigurationSourceWithAClient_IsShared(bool chained)
    {
        var source = new FakeClientSource(new NatsKvOptions { Url = "nats://source" });
        await using ServiceProvider services = Build([source], static services => services.AddNatsKv(), chained);

        INatsKvClient client = services.GetRequiredService<INatsKvClient>();

        Assert.Equal(("nats://source:4222", 1), (Settings(client).Url, source.Shared));
        Assert.Empty(_log.Messages);
    }

    [Fact]
    public async Task AddNatsKv_ContainerDisposed_ReleasesItsHandleAndNotTheSources()
    {
        var source = new FakeClientSource(new NatsKvOptions { Url = "nats://source" });
        INatsKvClient client;
        await using (ServiceProvider services = Build([source], static services => services.AddNatsKv()))
        {
            client = services.GetRequiredService<INatsKvClient>();
        }

        Assert.Throws<ObjectDisposedException>(client.Share);
        source.ShareClient().Share().Dispose();
    }

    [Fact]
    public async Task AddNatsKv_ExplicitSettingsThatAreTheSources_ShareIt()
    {
        var source = new FakeClientSource(new NatsKvOptions { Url = "nats://u:p@source" });
        await using ServiceProvider services = Build([source], static services => services.AddNatsKv(static options => options.Url = "u:p@source:4222"));

        services.GetRequiredService<INatsKvClient>();

        Assert.Equal(1, source.Shared);
        Assert.Empty(_log.Messages);
    }

    [Fact]
    public async Task AddNatsKv_OtherSettings_AreASecondConnectionAndOneWarningWithoutValues()
    {
        var source = new FakeClientSource(new NatsKvOptions { Url = "nats://user:s3cret@source" });
        await using ServiceProvider services = Build(
            [source], static services => services.AddNatsKv(static options => (options.Url, options.Token) = ("nats://other", "t0ken")));

        INatsKvClient client = services.GetRequiredService<INatsKvClient>();
        services.GetRequiredService<INatsKvClient>();

        Assert.Equal(("nats://other:4222", 0), (Settings(client).Url, source.Shared));
        string warning = Assert.Single(_log.Messages);
        Assert.EndsWith("differ from the configuration source's in: Url, User, Password, Token", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("t0ken", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("other", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddNatsKv_ATransportOfItsOwn_IsNamedAsTheDifference()
    {
        var source = new FakeClientSource(new NatsKvOptions { Url = "nats://source" });
        Func<NatsTransportContext, INatsTransport> factory = static context => new NatsKv.Connection.NatsConnection(context);
        await using ServiceProvider services = Build(
            [source], services => services.AddNatsKv(options => (options.Url, options.TransportFactory) = ("nats://source", factory)));

        services.GetRequiredService<INatsKvClient>();

        Assert.Equal(0, source.Shared);
        Assert.EndsWith("in: TransportFactory", Assert.Single(_log.Messages), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddNatsKv_SourcesThatDiffer_AreAnErrorWithTheWayOut()
    {
        await using ServiceProvider services = Build(
            [new FakeClientSource(new NatsKvOptions { Url = "nats://a" }), new FakeClientSource(new NatsKvOptions { Url = "nats://user:s3cret@b" })],
            static services => services.AddNatsKv());

        InvalidOperationException thrown = Assert.Throws<InvalidOperationException>(services.GetRequiredService<INatsKvClient>);

        Assert.Contains("Url, User, Password", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("AddNatsKv(options =>", thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", thrown.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddNatsKv_SourcesThatDiffer_ExplicitSettingsPickOne()
    {
        var first = new FakeClientSource(new NatsKvOptions { Url = "nats://a" });
        var second = new FakeClientSource(new NatsKvOptions { Url = "nats://b" });
        await using ServiceProvider services = Build([first, second], static services => services.AddNatsKv(static options => options.Url = "nats://b"));

        services.GetRequiredService<INatsKvClient>();

        Assert.Equal((0, 1), (first.Shared, second.Shared));
        Assert.Empty(_log.Messages);
    }

    [Fact]
    public async Task AddNatsKv_SourcesThatAreAlike_AreOneConnection()
    {
        var first = new FakeClientSource(new NatsKvOptions { Url = "nats://a" });
        await using ServiceProvider services = Build([first, new FakeClientSource(new NatsKvOptions { Url = "nats://a" })], static services => services.AddNatsKv());

        services.GetRequiredService<INatsKvClient>();

        Assert.Equal(1, first.Shared);
    }

    private static NatsKvConnectionSettings Settings(INatsKvClient client) => Assert.IsType<NatsKvClient>(client).Settings;

    private ServiceProvider Build(FakeClientSource[] sources, Action<IServiceCollection> add, params (string Key, string Value)[] values) =>
        Build(sources, add, chained: false, values);

    private ServiceProvider Build(FakeClientSource[] sources, Action<IServiceCollection> add, bool chained, params (string Key, string Value)[] values)
    {
        var builder = new ConfigurationBuilder();
        builder.AddInMemoryCollection(values.Select(static value => new KeyValuePair<string, string?>(value.Key, value.Value)));
        Array.ForEach(sources, source => builder.Add(source));
        IConfigurationRoot root = builder.Build();
        IServiceCollection services = new ServiceCollection()
            .AddSingleton<IConfiguration>(chained ? new ConfigurationBuilder().AddConfiguration(root).Build() : root)
            .AddSingleton<ILoggerFactory>(_log);
        add(services);
        return services.BuildServiceProvider();
    }
}
