using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using NatsKv.Configuration.Tests.Fakes;

namespace NatsKv.Configuration.Tests.Following;

public sealed class LoadTests
{
    private readonly FakeServer _server = new();

    public static TheoryData<string, string> DefinitiveCauses => new()
    {
        { "bucket", "NatsKv:Configuration:Bucket" },
        { "authentication", "what the client says" },
        { "tls", "what the client says" },
        { "permission", "what the client says" },
        { "jetstream", "what the client says" },
        { "bug", "what the client says" },
    };

    [Theory]
    [MemberData(nameof(DefinitiveCauses))]
    public void Load_RequiredAndDefinitiveCause_FailsAtOnceAndSaysWhatToDo(string cause, string remedy)
    {
        _server.Trouble = Make(cause);
        NatsKvConfigurationException error = Assert.Throws<NatsKvConfigurationException>(() => new ConfigurationBuilder()
            .AddFake(_server, static source =>
            {
                source.LoadTimeout = TimeSpan.FromDays(1);
                source.ConfigureConnection = static options => options.Url = "nats://user:secret@host:4222";
            })
            .Build());
        Assert.Contains("'config'", error.Message, StringComparison.Ordinal);
        Assert.Contains("nats://host:4222", error.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, error.Message, StringComparison.Ordinal);
        Assert.Contains("optional", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
        Assert.Same(_server.Trouble, error.InnerException);
        Assert.Equal(("config", "nats://host:4222"), (error.Bucket, error.Url));
        Assert.Equal((0, 0), (_server.RunningWatches, _server.OpenHandles));
    }

    [Fact]
    public void Load_RequiredAndUnreachable_WaitsForTheTimeoutThenTellsTheCause()
    {
        _server.Trouble = Make("unreachable");
        NatsKvConfigurationException error = Assert.Throws<NatsKvConfigurationException>(() => new ConfigurationBuilder()
            .AddFake(_server, static source => source.LoadTimeout = TimeSpan.FromMilliseconds(50))
            .Build());
        Assert.Contains("within 00:00:00.05", error.Message, StringComparison.Ordinal);
        Assert.Contains("what the client says", error.Message, StringComparison.Ordinal);
        Assert.True(error.IsTransient);
    }

    [Fact]
    public async Task Load_RequiredAndServerAppearsInTime_Succeeds()
    {
        _server.Put("a", "1");
        _server.Trouble = Make("unreachable");
        Task<IConfigurationRoot> load = Task.Run(() => new ConfigurationBuilder().AddFake(_server).Build(), TestContext.Current.CancellationToken);
        await Eventual.EqualAsync(1, () => _server.RunningWatches);
        _server.Appear();
        Assert.Equal("1", (await load)["a"]);
    }

    [Fact]
    public void Load_RequiredAndSilence_FailsAfterTheTimeout()
    {
        _server.Delivers = false;
        NatsKvConfigurationException error = Assert.Throws<NatsKvConfigurationException>(() => new ConfigurationBuilder()
            .AddFake(_server, static source => source.LoadTimeout = TimeSpan.FromMilliseconds(20))
            .Build());
        Assert.Contains("LoadTimeout", error.Message, StringComparison.Ordinal);
        Assert.Null(error.InnerException);
    }

    [Theory]
    [InlineData("bucket")]
    [InlineData("authentication")]
    [InlineData("unreachable")]
    [InlineData("jetstream")]
    [InlineData("bug")]
    public async Task Load_OptionalAndAnyCause_StartsEmptyAtOnceAndCatchesUp(string cause)
    {
        var logger = new RecordingLogger();
        _server.Trouble = Make(cause);
        IConfigurationRoot root = new ConfigurationBuilder()
            .AddFake(_server, source =>
            {
                source.Optional = true;
                source.LoadTimeout = TimeSpan.FromDays(1);
                source.LoggerFactory = logger;
            })
            .Build();
        Assert.Empty(root.GetChildren());
        Assert.Equal(1, logger.Count(LogLevel.Warning, "Going on without the present content of bucket config"));
        var reload = root.GetReloadToken();
        _server.Put("a", "1");
        Assert.False(reload.HasChanged);
        _server.Appear();
        await Eventual.EqualAsync("1", () => root["a"]);
        await Eventual.EqualAsync(true, () => reload.HasChanged);
    }

    [Fact]
    public async Task Load_OptionalAndTimeout_NeverShowsAHalfContent()
    {
        _server.Delivers = false;
        IConfigurationRoot root = new ConfigurationBuilder()
            .AddFake(_server, static source =>
            {
                source.Optional = true;
                source.LoadTimeout = TimeSpan.FromMilliseconds(1);
            })
            .Build();
        _server.Put("a", "1");
        _server.Put("b", "1");
        root.Reload();
        Assert.Empty(root.GetChildren());
        _server.CompleteAll();
        await Eventual.EqualAsync("1", () => root["b"]);
        Assert.Equal("1", root["a"]);
    }

    [Fact]
    public async Task Load_HandlerIgnores_BehavesLikeOptional()
    {
        _server.Trouble = Make("bucket");
        NatsKvLoadExceptionContext? told = null;
        IConfigurationRoot root = new ConfigurationBuilder()
            .AddFake(_server, source => source.OnLoadException = context =>
            {
                told = context;
                context.Ignore = true;
            })
            .Build();
        Assert.IsType<NatsKvConfigurationException>(told!.Exception);
        Assert.Same(root.Providers.Single(), told.Provider);
        _server.Put("a", "1");
        _server.Appear();
        await Eventual.EqualAsync("1", () => root["a"]);
    }

    [Fact]
    public void Load_HandlerDoesNotIgnoreOrThrows_Throws()
    {
        _server.Trouble = Make("bucket");
        Assert.Throws<NatsKvConfigurationException>(() => new ConfigurationBuilder().AddFake(_server, static source => source.OnLoadException = static _ => { }).Build());
        Assert.Throws<TimeoutException>(
            () => new ConfigurationBuilder().AddFake(_server, static source => source.OnLoadException = static _ => throw new TimeoutException()).Build());
        Assert.Equal((0, 0), (_server.RunningWatches, _server.OpenHandles));
    }

    [Fact]
    public void Reload_AfterLoad_NeverStartsAnotherWatchNorThrows()
    {
        _server.Put("a", "1");
        IConfigurationRoot root = new ConfigurationBuilder().AddFake(_server).Build();
        _server.Interrupt(Make("bucket"));
        for (int i = 0; i < 5; i++)
        {
            root.Reload();
        }

        Assert.Equal("1", root["a"]);
        Assert.Equal((1, 1), (_server.WatchesStarted, _server.RunningWatches));
    }

    [Fact]
    public void Load_WithoutReloadOnChange_ReadsAtStartAndAtReload()
    {
        _server.Put("a", "1");
        IConfigurationRoot root = new ConfigurationBuilder().AddFake(_server, static source => source.ReloadOnChange = false).Build();
        Assert.Equal((1, 0), (_server.WatchesStarted, _server.RunningWatches));
        _server.Put("a", "2");
        Assert.Equal("1", root["a"]);
        root.Reload();
        Assert.Equal("2", root["a"]);
        Assert.Equal((2, 0), (_server.WatchesStarted, _server.RunningWatches));
    }

    [Fact]
    public void Reload_WithoutReloadOnChangeAndServerGone_KeepsTheLastValues()
    {
        _server.Put("a", "1");
        IConfigurationRoot root = new ConfigurationBuilder().AddFake(_server, static source => source.ReloadOnChange = false).Build();
        _server.Trouble = Make("bucket");
        root.Reload();
        Assert.Equal("1", root["a"]);
    }

    [Fact]
    public async Task Load_OptionalWithoutReloadOnChange_CatchesUpThenStopsTheWatch()
    {
        _server.Put("a", "1");
        _server.Trouble = Make("unreachable");
        IConfigurationRoot root = new ConfigurationBuilder()
            .AddFake(_server, static source =>
            {
                source.Optional = true;
                source.ReloadOnChange = false;
            })
            .Build();
        _server.Appear();
        await Eventual.EqualAsync("1", () => root["a"]);
        await Eventual.EqualAsync(0, () => _server.RunningWatches);
    }

    [Fact]
    public async Task ShareClient_Loaded_IsAHandleOfItsOwn()
    {
        var root = (ConfigurationRoot)new ConfigurationBuilder().AddFake(_server).Build();
        var provider = (NatsKvConfigurationProvider)root.Providers.Single();
        INatsKvClient client = provider.ShareClient();
        Assert.Equal(2, _server.OpenHandles);
        await provider.DisposeAsync();
        Assert.Equal(1, _server.OpenHandles);
        client.Bind("b");
        client.Dispose();
        Assert.Throws<InvalidOperationException>(provider.ShareClient);
    }

    [Fact]
    public void Load_AfterDispose_DoesNothing()
    {
        _server.Put("a", "1");
        var root = (ConfigurationRoot)new ConfigurationBuilder().AddFake(_server).Build();
        root.Dispose();
        root.Reload();
        Assert.Equal("1", root["a"]);
        Assert.Equal((1, 0), (_server.WatchesStarted, _server.OpenHandles));
    }

    private static Exception Make(string cause) => cause switch
    {
        "bucket" => new NatsKvBucketNotFoundException("config"),
        "authentication" => Connection(NatsKvConnectionFailure.Authentication),
        "tls" => Connection(NatsKvConnectionFailure.Tls),
        "unreachable" => Connection(NatsKvConnectionFailure.Unreachable),
        "permission" => new NatsKvPermissionException("$JS.API.CONSUMER.CREATE.>", "what the client says"),
        "jetstream" => new NatsKvNotSupportedException("JetStream", "what the client says"),
        _ => new InvalidOperationException("what the client says"),
    };

    private static NatsKvConnectionException Connection(NatsKvConnectionFailure failure) => new(failure, "nats://host:4222", "what the client says");
}
