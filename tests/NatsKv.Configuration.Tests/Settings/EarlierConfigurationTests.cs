using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using NatsKv.Configuration.Tests.Fakes;

namespace NatsKv.Configuration.Tests.Settings;

public sealed class EarlierConfigurationTests
{
    private readonly FakeServer _server = new();

    [Fact]
    public void Build_ConfigurationManager_AsksWhatIsLoaded()
    {
        var earlier = new CountingSource(("NatsKv:Url", "nats://earlier:1"), ("NatsKv:Configuration:Bucket", "b1"));
        using var manager = new ConfigurationManager();
        ((IConfigurationBuilder)manager).Add(earlier);
        manager.AddFake(_server);
        Assert.Equal((1, 1, 0), (earlier.Builds, earlier.Loads, earlier.Disposals));
        Assert.Equal("nats://earlier:1", Provider(manager).ConnectionSettings.Url);
        Assert.Equal("b1", Provider(manager).Settings.Bucket);
    }

    [Fact]
    public void Build_ConfigurationBuilder_LoadsEarlierSourcesOnceMoreAndLetsThemGo()
    {
        var earlier = new CountingSource(("ConnectionStrings:nats", "nats://earlier:1"));
        var later = new CountingSource(("NatsKv:Url", "nats://later:1"));
        IConfigurationRoot root = new ConfigurationBuilder().Add(earlier).AddFake(_server).Add(later).Build();
        Assert.Equal("nats://earlier:1", Provider(root).ConnectionSettings.Url);
        Assert.Equal((2, 2, 1), (earlier.Builds, earlier.Loads, earlier.Disposals));
        Assert.Equal((1, 1, 0), (later.Builds, later.Loads, later.Disposals));
    }

    [Fact]
    public void Build_EarlierSourceThatFails_ThrowsItsOwnException()
    {
        var earlier = new CountingSource();
        Assert.Throws<FileNotFoundException>(() => new ConfigurationBuilder().Add(earlier).AddJsonFile("missing.json", optional: false).AddFake(_server).Build());
        Assert.Equal(1, earlier.Disposals);
        Assert.Equal(0, _server.ClientsMade);
    }

    [Fact]
    public void Build_AgainFromTheSameBuilder_ResolvesNothingAnew()
    {
        var earlier = new CountingSource(("NatsKv:Url", "nats://earlier:1"));
        IConfigurationBuilder builder = new ConfigurationBuilder().Add(earlier).AddFake(_server);
        builder.Build();
        builder.Build();
        Assert.Equal(3, earlier.Builds);
    }

    [Fact]
    public void Build_ManagerRebuilds_KeepsTheSettingsOfTheFirstBuild()
    {
        using var manager = new ConfigurationManager();
        manager.AddInMemoryCollection([new("NatsKv:Url", "nats://first:1")]);
        manager.AddFake(_server);
        manager.AddInMemoryCollection([new("NatsKv:Url", "nats://second:2")]);
        manager.Sources.Insert(0, new MemoryConfigurationSource());
        Assert.Equal("nats://first:1", Provider(manager).ConnectionSettings.Url);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Build_ValuesOutOfABucket_ConfigureNothing(bool manager)
    {
        _server.Put("NatsKv.Url", "nats://evil:1");
        _server.Put("ConnectionStrings.nats", "nats://evil:1");
        _server.Put("NatsKv.Configuration.Bucket", "evil");
        var other = new FakeServer();
        IConfigurationBuilder builder = manager ? new ConfigurationManager() : new ConfigurationBuilder();
        builder.AddFake(_server).AddFake(other);
        IConfigurationRoot root = manager ? (IConfigurationRoot)builder : builder.Build();

        // What is in the bucket is shown as any other setting, but followed nowhere.
        Assert.Equal("nats://evil:1", root["NatsKv:Url"]);
        foreach (NatsKvConfigurationProvider provider in root.Providers.OfType<NatsKvConfigurationProvider>())
        {
            Assert.Equal("nats://localhost:4222", provider.ConnectionSettings.Url);
            Assert.Equal("config", provider.Settings.Bucket);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Build_ValuesOutOfAChainedBucket_ConfigureNothing(bool manager)
    {
        _server.Put("NatsKv.Url", "nats://evil:1");
        _server.Put("NatsKv.Configuration.Bucket", "evil");
        IConfigurationRoot inner = new ConfigurationBuilder()
            .AddInMemoryCollection([new("NatsKv:Configuration:Prefix", "good")])
            .AddFake(_server)
            .Build();
        var other = new FakeServer();
        IConfigurationBuilder builder = manager ? new ConfigurationManager() : new ConfigurationBuilder();
        builder.AddConfiguration(inner, shouldDisposeConfiguration: true).AddFake(other);
        IConfigurationRoot root = manager ? (IConfigurationRoot)builder : builder.Build();
        Assert.Equal("nats://localhost:4222", Provider(root).ConnectionSettings.Url);
        Assert.Equal("config", Provider(root).Settings.Bucket);
        Assert.Equal("good.>", Provider(root).Settings.Map.Filter);
        Assert.Equal(1, _server.RunningWatches);
    }

    [Fact]
    public void Build_OtherSourceOfOursBefore_IsNotBuiltForItsSettings()
    {
        var other = new FakeServer();
        new ConfigurationBuilder().AddFake(_server).AddFake(other, static source => source.ConfigureConnection = static options => options.Url = "nats://other:1").Build();
        Assert.Equal((1, 1), (_server.ClientsMade, _server.WatchesStarted));
        Assert.Equal((1, 1), (other.ClientsMade, other.WatchesStarted));
    }

    [Fact]
    public void Build_TwoSourcesWithOneConnection_ShareTheClient()
    {
        var second = new FakeServer();
        var root = (ConfigurationRoot)new ConfigurationBuilder().AddFake(_server).AddFake(second).Build();
        Assert.Equal((1, 0), (_server.ClientsMade, second.ClientsMade));
        Assert.Equal((2, 2), (_server.OpenHandles, _server.RunningWatches));
        root.Dispose();
        Assert.Equal((0, 0), (_server.OpenHandles, _server.RunningWatches));
    }

    [Fact]
    public void Build_StreamBefore_IsLeftToItsOwnProvider()
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes("""{"a":"from stream"}"""));
        IConfigurationRoot root = new ConfigurationBuilder().AddJsonStream(stream).AddFake(_server).Build();
        Assert.Equal("from stream", root["a"]);
    }

    [Fact]
    public async Task Build_FileBefore_IsReadAndStillWatched()
    {
        // In the application's own folder, so that the source makes the file provider itself and its providers share it.
        CancellationToken ct = TestContext.Current.CancellationToken;
        string name = $"settings-{Guid.NewGuid():N}.json";
        string file = Path.Combine(AppContext.BaseDirectory, name);
        try
        {
            await File.WriteAllTextAsync(file, """{"NatsKv":{"Url":"nats://file:1"},"a":"1"}""", ct);
            using var root = (ConfigurationRoot)new ConfigurationBuilder()
                .AddJsonFile(name, optional: false, reloadOnChange: true)
                .AddFake(_server)
                .Build();
            Assert.Equal("nats://file:1", Provider(root).ConnectionSettings.Url);
            for (int i = 2; i < 5; i++)
            {
                await File.WriteAllTextAsync(file, $$"""{"a":"{{i}}"}""", ct);
                await Eventual.EqualAsync(i.ToString(), () => root["a"]);
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void AddNatsKv_Overloads_SetWhatTheySay()
    {
        Assert.Null(Source(static builder => builder.AddNatsKv()).Bucket);
        Assert.Equal("b", Source(static builder => builder.AddNatsKv("b")).Bucket);
        Assert.Null(Source(static builder => builder.AddNatsKv("b")).OptionalOrNull);
        Assert.True(Source(static builder => builder.AddNatsKv("b", optional: true)).Optional);
        Assert.False(Source(static builder => builder.AddNatsKv("b", optional: true, reloadOnChange: false)).ReloadOnChange);
        Assert.Equal("p", Source(static builder => builder.AddNatsKv(static source => source.Prefix = "p")).Prefix);
        Assert.Throws<ArgumentException>(() => new ConfigurationBuilder().AddNatsKv(""));
        Assert.Throws<ArgumentNullException>(() => ((IConfigurationBuilder)null!).AddNatsKv());

        static NatsKvConfigurationSource Source(Func<IConfigurationBuilder, IConfigurationBuilder> add)
        {
            var builder = new ConfigurationBuilder();
            Assert.Same(builder, add(builder));
            return Assert.IsType<NatsKvConfigurationSource>(Assert.Single(builder.Sources));
        }
    }

    private static NatsKvConfigurationProvider Provider(IConfiguration configuration) =>
        ((IConfigurationRoot)configuration).Providers.OfType<NatsKvConfigurationProvider>().Last();
}
