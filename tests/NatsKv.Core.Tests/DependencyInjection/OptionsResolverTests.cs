using Microsoft.Extensions.Configuration;

namespace NatsKv.Tests.DependencyInjection;

public sealed class OptionsResolverTests
{
    private static readonly (string, string)[] Hostile =
    [
        ("NatsKv:Url", "nats://evil"), ("NatsKv:User", "evil"), ("NatsKv:Password", "evil"), ("NatsKv:RequestTimeout", "99s"), ("ConnectionStrings:nats", "nats://evil"),
    ];

    [Fact]
    public void Resolve_NothingSet_IsTheDefaults()
    {
        NatsKvOptions options = NatsKvOptionsResolver.Resolve(new ConfigurationManager(), null);

        Assert.Null(options.Url);
        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(20)), (options.RequestTimeout, options.PingInterval));
        Assert.Null(NatsKvOptionsResolver.Resolve(null, null).Url);
    }

    [Fact]
    public void Resolve_EveryPlace_TheStrongestWins()
    {
        var settings = new ConfigurationManager { ["ConnectionStrings:nats"] = "nats://connection-string" };
        Assert.Equal("nats://connection-string", NatsKvOptionsResolver.Resolve(settings, null).Url);

        settings["NatsKv:Url"] = "nats://section";
        Assert.Equal("nats://section", NatsKvOptionsResolver.Resolve(settings, null).Url);
        Assert.Equal("nats://code", NatsKvOptionsResolver.Resolve(settings, static options => options.Url = "nats://code").Url);

        settings["NatsKv:Url"] = "";
        Assert.Equal("nats://connection-string", NatsKvOptionsResolver.Resolve(settings, null).Url);
        settings["ConnectionStrings:nats"] = "";
        Assert.Null(NatsKvOptionsResolver.Resolve(settings, null).Url);
    }

    [Fact]
    public void Resolve_Section_GivesEveryOption()
    {
        var settings = new ConfigurationManager
        {
            ["natskv:user"] = "u",
            ["NatsKv:Password"] = "p",
            ["NatsKv:Token"] = "t",
            ["NatsKv:ClientName"] = "n",
            ["NatsKv:RequestTimeout"] = "1.5s",
            ["NatsKv:ConnectTimeout"] = "00:00:03",
            ["NatsKv:MaxReconnectDelay"] = "500ms",
            ["NatsKv:PingInterval"] = "60",
            ["NatsKv:JetStreamDomain"] = "hub",
            ["NatsKv:ApiPrefix"] = "fromA",
        };

        NatsKvOptions options = NatsKvOptionsResolver.Resolve(settings, null);

        Assert.Equal(("u", "p", "t", "n"), (options.User, options.Password, options.Token, options.ClientName));
        Assert.Equal(("hub", "fromA"), (options.JetStreamDomain, options.ApiPrefix));
        Assert.Equal(
            (TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(1)),
            (options.RequestTimeout, options.ConnectTimeout, options.MaxReconnectDelay, options.PingInterval));
    }

    [Theory]
    [InlineData("RequestTimeout")]
    [InlineData("ConnectTimeout")]
    [InlineData("MaxReconnectDelay")]
    [InlineData("PingInterval")]
    public void Resolve_NoDuration_NamesKeyAndForm(string name)
    {
        var settings = new ConfigurationManager { [$"NatsKv:{name}"] = "soon" };

        ArgumentException thrown = Assert.Throws<ArgumentException>(() => NatsKvOptionsResolver.Resolve(settings, null));

        Assert.Contains($"'soon' in configuration 'NatsKv:{name}' is not a duration", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_ValuesOutOfABucket_ArePassedOver()
    {
        IConfigurationRoot root = new ConfigurationBuilder()
            .AddInMemoryCollection([new("NatsKv:Url", "nats://good")])
            .Add(new FakeClientSource(new NatsKvOptions(), Hostile))
            .Build();

        AssertGood(root);
        Assert.Equal("nats://evil", root["NatsKv:Url"]);
    }

    [Fact]
    public void Resolve_ValuesOutOfABucketInAChainedConfiguration_ArePassedOver()
    {
        IConfigurationRoot inner = new ConfigurationBuilder().Add(new FakeClientSource(new NatsKvOptions(), Hostile)).Build();
        IConfigurationRoot middle = new ConfigurationBuilder().AddConfiguration(inner).Build();

        AssertGood(new ConfigurationBuilder().AddInMemoryCollection([new("NatsKv:Url", "nats://good")]).AddConfiguration(middle).Build());
    }

    [Fact]
    public void Resolve_ValuesOutOfABucketInAConfigurationManager_ArePassedOver()
    {
        using var manager = new ConfigurationManager();
        manager.AddInMemoryCollection([new("NatsKv:Url", "nats://good")]);
        ((IConfigurationBuilder)manager).Add(new FakeClientSource(new NatsKvOptions(), Hostile));

        AssertGood(manager);
        AssertGood(new ConfigurationBuilder().AddConfiguration(manager).Build());
    }

    [Fact]
    public void Resolve_GoodValuesInAChainedConfiguration_AreTaken()
    {
        IConfigurationRoot inner = new ConfigurationBuilder()
            .AddInMemoryCollection([new("NatsKv:Url", "nats://good")])
            .Add(new FakeClientSource(new NatsKvOptions(), Hostile))
            .Build();

        AssertGood(new ConfigurationBuilder().AddInMemoryCollection([new("NatsKv:Url", "nats://weaker")]).AddConfiguration(inner).Build());
    }

    private static void AssertGood(IConfiguration configuration)
    {
        NatsKvOptions options = NatsKvOptionsResolver.Resolve(configuration, null);

        Assert.Equal(("nats://good", null, null), (options.Url, options.User, options.Password));
        Assert.Equal(TimeSpan.FromSeconds(5), options.RequestTimeout);
    }
}
