using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Primitives;
using NatsKv.Configuration.Tests.Fakes;

namespace NatsKv.Configuration.Tests.Conformance;

/// <summary>What a ConfigurationManager does to its sources, and what must come of it.</summary>
public sealed class ConfigurationManagerTests : IDisposable
{
    private readonly FakeServer _server = new();
    private readonly ConfigurationManager _manager = new();

    public ConfigurationManagerTests() => _server.Put("a", "1");

    public void Dispose() => _manager.Dispose();

    [Fact]
    public void Add_Source_RaisesTheReloadToken()
    {
        IChangeToken token = ((IConfiguration)_manager).GetReloadToken();
        _manager.AddFake(_server);
        Assert.True(token.HasChanged);
        Assert.Equal("1", _manager["a"]);
    }

    [Fact]
    public async Task Rebuild_ByInsertRemoveAndProperties_KeepsClientWatchAndValues()
    {
        _manager.AddFake(_server);
        for (int i = 0; i < 200; i++)
        {
            _manager.Sources.Insert(0, new MemoryConfigurationSource());
            ((IConfigurationBuilder)_manager).Properties["p"] = i;
            _manager.Sources.RemoveAt(0);
            Assert.Equal("1", _manager["a"]);
        }

        Assert.Equal((1, 1, 1), (_server.ClientsMade, _server.WatchesStarted, _server.RunningWatches));
        _server.Put("a", "2");
        await Eventual.EqualAsync("2", () => _manager["a"]);
    }

    [Fact]
    public void Dispose_Manager_StopsTheWatchAndKeepsTheLastValues()
    {
        _manager.AddFake(_server);
        _manager.Dispose();
        Assert.Equal((0, 0), (_server.RunningWatches, _server.OpenHandles));
        Assert.Equal("1", _manager["a"]);
        Assert.Throws<ObjectDisposedException>(() => _manager.AddFake(_server));
    }

    [Fact]
    public void Remove_Source_StopsTheWatch()
    {
        _manager.AddFake(_server);
        _manager.Sources.RemoveAt(_manager.Sources.Count - 1);
        Assert.Equal((0, 0), (_server.RunningWatches, _server.OpenHandles));
        Assert.Null(_manager["a"]);
    }

    [Fact]
    public void Add_RemovedSource_StartsAgain()
    {
        NatsKvConfigurationSource source = _server.Source();
        ((IConfigurationBuilder)_manager).Add(source);
        _manager.Sources.Remove(source);
        _server.Put("a", "2");
        _manager.Sources.Add(source);
        Assert.Equal("2", _manager["a"]);
        Assert.Equal((2, 2, 1), (_server.ClientsMade, _server.WatchesStarted, _server.RunningWatches));
    }

    [Fact]
    public void Add_LoadThrows_LeavesNothingRunning()
    {
        _server.Trouble = new NatsKvBucketNotFoundException("config");
        Assert.Throws<NatsKvConfigurationException>(() => _manager.AddFake(_server));
        Assert.Equal((0, 0), (_server.RunningWatches, _server.OpenHandles));

        // The manager keeps the source, so that a later, unrelated rebuild tries again; by then it may work.
        Assert.Single(_manager.Sources.OfType<NatsKvConfigurationSource>());
        _server.Trouble = null;
        _manager.Sources.Insert(0, new MemoryConfigurationSource());
        Assert.Equal("1", _manager["a"]);
    }

    [Fact]
    public async Task Rebuild_OptionalSourceThatWaits_DoesNotWaitAgain()
    {
        _server.Delivers = false;
        _manager.AddFake(_server, static source =>
        {
            source.Optional = true;
            source.LoadTimeout = TimeSpan.FromMilliseconds(1);
        });
        for (int i = 0; i < 10; i++)
        {
            _manager.Sources.Insert(0, new MemoryConfigurationSource());
        }

        Assert.Equal(1, _server.WatchesStarted);
        _server.Appear();
        await Eventual.EqualAsync("1", () => _manager["a"]);
    }

    [Fact]
    public void Rebuild_WithoutReloadOnChange_DoesNotReadTheBucketAgain()
    {
        _manager.AddFake(_server, static source => source.ReloadOnChange = false);
        _server.Put("a", "2");
        _manager.Sources.Insert(0, new MemoryConfigurationSource());
        Assert.Equal("1", _manager["a"]);
        ((IConfigurationRoot)_manager).Reload();
        Assert.Equal("2", _manager["a"]);
        Assert.Equal((2, 0), (_server.WatchesStarted, _server.RunningWatches));
    }

    [Fact]
    public async Task Rebuild_WhileTheBucketIsMadeAnew_ShowsWhatItHeld()
    {
        _manager.AddFake(_server);
        _server.Recreate(("a", "2"));
        _server.Interrupt(new NatsKvBucketNotFoundException("config"));
        _manager.Sources.Insert(0, new MemoryConfigurationSource());
        ((IConfigurationRoot)_manager).Reload();
        Assert.Equal("1", _manager["a"]);
        _server.CompleteAll();
        await Eventual.EqualAsync("2", () => _manager["a"]);
    }

    [Fact]
    public void Rebuild_AfterAReloadThatFailed_ShowsWhatThereWas()
    {
        _manager.AddFake(_server, static source => source.ReloadOnChange = false);
        _server.Trouble = new NatsKvBucketNotFoundException("config");
        ((IConfigurationRoot)_manager).Reload();
        _manager.Sources.Insert(0, new MemoryConfigurationSource());
        Assert.Equal("1", _manager["a"]);
    }

    [Fact]
    public async Task Listener_ThatRemovesTheSource_DoesNotHang()
    {
        _manager.AddFake(_server);
        var removed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using IDisposable registration = ChangeToken.OnChange(((IConfiguration)_manager).GetReloadToken, () =>
        {
            if (_manager["a"] == "2")
            {
                _manager.Sources.RemoveAt(_manager.Sources.Count - 1);
                removed.TrySetResult();
            }
        });
        _server.Put("a", "2");
        await removed.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal((0, 0), (_server.RunningWatches, _server.OpenHandles));
    }

    [Fact]
    public void AddConfiguration_ChainedRoot_ShowsAndDisposesIt()
    {
        var inner = new ConfigurationManager();
        inner.AddFake(_server);
        _manager.AddConfiguration(inner, shouldDisposeConfiguration: true);
        Assert.Equal("1", _manager["a"]);
        _manager.Dispose();
        Assert.Equal(0, _server.OpenHandles);
    }

    [Fact]
    public void Build_TwoRootsFromOneBuilder_ShareOneWatch()
    {
        IConfigurationBuilder builder = new ConfigurationBuilder().AddFake(_server);
        var first = (ConfigurationRoot)builder.Build();
        var second = (ConfigurationRoot)builder.Build();
        Assert.Equal(1, _server.WatchesStarted);
        first.Dispose();
        Assert.Equal((1, 1), (_server.RunningWatches, _server.OpenHandles));
        second.Dispose();
        second.Dispose();
        Assert.Equal((0, 0), (_server.RunningWatches, _server.OpenHandles));
        Assert.Equal("1", second["a"]);
    }
}
