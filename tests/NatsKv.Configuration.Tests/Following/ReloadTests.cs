using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using NatsKv.Configuration.Tests.Fakes;
using NatsKv.TestKit;

namespace NatsKv.Configuration.Tests.Following;

public sealed class ReloadTests : IDisposable
{
    private readonly FakeServer _server = new();
    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLogger _logger = new();

    public void Dispose() => _logger.Dispose();

    [Fact]
    public async Task Change_FirstAfterQuiet_IsAppliedAtOnce()
    {
        (IConfigurationRoot root, ReloadCounter reloads) = Build();
        _time.Advance(TimeSpan.FromSeconds(1));
        _server.Put("a", "1");
        await Eventual.EqualAsync(1, () => reloads.Count);
        Assert.Equal("1", root["a"]);
        Assert.Equal(0, _time.ActiveTimers);
    }

    [Fact]
    public async Task Changes_InABurst_AreTwoReloads()
    {
        (IConfigurationRoot root, ReloadCounter reloads) = Build();
        _time.Advance(TimeSpan.FromSeconds(1));
        _server.Put("a", "0");
        await Eventual.EqualAsync(1, () => reloads.Count);
        for (int i = 1; i <= 100; i++)
        {
            _server.Put("a", i.ToString());
        }

        await _time.WaitForTimersAsync(1);
        Assert.Equal("0", root["a"]);
        _time.Advance(TimeSpan.FromMilliseconds(50));
        await Eventual.EqualAsync("100", () => root["a"]);
        await Eventual.EqualAsync(2, () => reloads.Count);
    }

    [Fact]
    public async Task Changes_NeverEnding_AreAppliedAfterTheMaximum()
    {
        (IConfigurationRoot root, ReloadCounter reloads) = Build();
        _time.Advance(TimeSpan.FromSeconds(1));
        _server.Put("a", "0");
        await Eventual.EqualAsync(1, () => reloads.Count);
        for (int i = 1; i <= 50; i++)
        {
            _server.Put("a", i.ToString());
            await _time.WaitForTimersAsync(1);
            Assert.Equal("0", root["a"]);
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        await Eventual.EqualAsync("50", () => root["a"]);
        await Eventual.EqualAsync(2, () => reloads.Count);
    }

    [Fact]
    public async Task Change_ToTheSameValue_IsNoReload()
    {
        (IConfigurationRoot root, ReloadCounter reloads) = Build(static source => source.ReloadDelay = TimeSpan.Zero, ("a", "1"));
        _server.Put("a", "1");
        _server.Delete("unknown");
        _server.Put("b", "1");
        Assert.Equal(1, await reloads.UntilShownAsync("1"));
        Assert.Equal("1", root["b"]);
    }

    [Fact]
    public async Task Reset_OtherContent_IsOneReloadWithoutAHalfContent()
    {
        (IConfigurationRoot root, ReloadCounter reloads) = Build(static source => source.ReloadDelay = TimeSpan.Zero, ("a", "1"), ("b", "1"));
        _server.Recreate(("b", "2"), ("c", "2"));
        root.Reload();
        Assert.Equal(("1", "1", null), (root["a"], root["b"], root["c"]));
        int before = reloads.Count;
        _server.CompleteAll();
        await Eventual.EqualAsync("2", () => root["c"]);
        Assert.Null(root["a"]);
        Assert.Equal("2", root["b"]);
        await Eventual.EqualAsync(before + 1, () => reloads.Count);
        Assert.Equal(1, _logger.Count(LogLevel.Information, "made anew"));
    }

    [Fact]
    public async Task Reset_SameContent_IsNoReload()
    {
        (IConfigurationRoot root, ReloadCounter reloads) = Build(static source => source.ReloadDelay = TimeSpan.Zero, ("a", "1"));
        _server.Recreate(("a", "1"));
        _server.CompleteAll();
        _server.Put("b", "1");
        Assert.Equal(1, await reloads.UntilShownAsync("1"));
        Assert.Equal("1", root["b"]);
    }

    [Fact]
    public async Task Batch_Atomic_IsNeverSplit()
    {
        (IConfigurationRoot root, ReloadCounter reloads) = Build();
        _time.Advance(TimeSpan.FromSeconds(1));
        _server.Put("a", "1", "Nats-Batch-Id: x\r\nNats-Batch-Sequence: 1");
        await _time.WaitForTimersAsync(1);
        _server.Put("b", "1", "Nats-Batch-Id: x\r\nNats-Batch-Sequence: 2");
        Assert.Null(root["a"]);
        root.Reload();
        Assert.Null(root["a"]);
        int before = reloads.Count;
        _server.Put("c", "1", "Nats-Batch-Id: x\r\nNats-Batch-Sequence: 3\r\nNats-Batch-Commit: 1");
        await Eventual.EqualAsync("1", () => root["c"]);
        Assert.Equal(("1", "1"), (root["a"], root["b"]));
        await Eventual.EqualAsync(before + 1, () => reloads.Count);
    }

    [Fact]
    public async Task Batch_WithoutEnd_IsAppliedAfterAWhile()
    {
        (IConfigurationRoot root, _) = Build();
        _server.Put("a", "1", "Nats-Batch-Id: x\r\nNats-Batch-Sequence: 1");
        await _time.WaitForTimersAsync(1);
        _time.Advance(TimeSpan.FromMilliseconds(500));
        await Eventual.EqualAsync("1", () => root["a"]);
    }

    [Fact]
    public async Task Listener_ThatThrows_IsLoggedAndStopsNothing()
    {
        (IConfigurationRoot root, ReloadCounter reloads) = Build(static source => source.ReloadDelay = TimeSpan.Zero);
        using IDisposable registration = ChangeToken.OnChange(root.GetReloadToken, static () => throw new InvalidOperationException("listener"));
        _server.Put("a", "1");
        await Eventual.EqualAsync(1, () => reloads.Count);
        _server.Put("a", "2");
        await Eventual.EqualAsync("2", () => root["a"]);
        await Eventual.EqualAsync(2, () => reloads.Count);
        await Eventual.EqualAsync(2, () => _logger.Count(LogLevel.Error, "A listener failed"));
    }

    [Fact]
    public async Task Listener_ThatBlocks_HoldsUpNeitherTheWatchNorReaders()
    {
        (IConfigurationRoot root, _) = Build(static source => source.ReloadDelay = TimeSpan.Zero);
        using var blocked = new ManualResetEventSlim();
        using IDisposable registration = ChangeToken.OnChange(root.GetReloadToken, () => blocked.Wait(TimeSpan.FromSeconds(20)));
        _server.Put("a", "1");
        await Eventual.EqualAsync("1", () => root["a"]);
        for (int i = 0; i < 1000; i++)
        {
            _server.Put("a", i.ToString());
        }

        blocked.Set();
        await Eventual.EqualAsync("999", () => root["a"]);
    }

    [Fact]
    public async Task Interruption_AfterLoad_KeepsTheValuesAndIsLoggedOnce()
    {
        (IConfigurationRoot root, _) = Build(static source => source.ReloadDelay = TimeSpan.Zero, ("a", "1"));
        for (int i = 0; i < 3; i++)
        {
            _server.Interrupt(new NatsKvBucketNotFoundException("config"));
        }

        Assert.Equal("1", root["a"]);
        Assert.Equal(1, _logger.Count(LogLevel.Warning, "is not followed"));
        _server.Put("a", "2");
        await Eventual.EqualAsync("2", () => root["a"]);
        _server.Interrupt(new NatsKvBucketNotFoundException("config"));
        Assert.Equal(2, _logger.Count(LogLevel.Warning, "is not followed"));
        _time.Advance(TimeSpan.FromMinutes(1));
        _server.Interrupt(new NatsKvBucketNotFoundException("config"));
        Assert.Equal(3, _logger.Count(LogLevel.Warning, "is not followed"));
    }

    [Fact]
    public async Task Logger_ThatThrows_StopsNothing()
    {
        using var broken = new BrokenLogger();
        (IConfigurationRoot root, _) = Build(source =>
        {
            source.ReloadDelay = TimeSpan.Zero;
            source.LoggerFactory = broken;
        });
        _server.Interrupt(new NatsKvBucketNotFoundException("config"));
        _server.Put("a", [0xFF]);
        _server.Put("a", "2");
        await Eventual.EqualAsync("2", () => root["a"]);
    }

    [Fact]
    public async Task Values_RejectedOrHidden_AreLoggedWithoutKeyOrValueAboveDebug()
    {
        (IConfigurationRoot root, _) = Build(static source => source.ReloadDelay = TimeSpan.Zero, ("secret-key", "secret-value"));
        _server.Put("secret-key", [0xFF, (byte)'s']);
        _server.Put("SECRET-KEY", "secret-value-2");
        await Eventual.EqualAsync("secret-value-2", () => root["secret-key"]);
        Assert.Equal(1, _logger.Count(LogLevel.Warning, "is not UTF-8 text"));
        Assert.Equal(1, _logger.Count(LogLevel.Warning, "mean the same setting"));
        Assert.DoesNotContain(_logger.Lines, static line => line.Text.Contains("secret-value", StringComparison.Ordinal));
        Assert.DoesNotContain(_logger.Lines, static line => line.Level > LogLevel.Debug && line.Text.Contains("secret", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Readers_DuringReloads_NeverSeeAnExceptionOrATornContent()
    {
        (IConfigurationRoot root, _) = Build(static source => source.ReloadDelay = TimeSpan.Zero, ("s.a", "0"), ("s.b", "0"));
        using var stop = new CancellationTokenSource();
        Task[] readers = [.. Enumerable.Range(0, 3).Select(reader => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                foreach (IConfigurationSection child in root.GetSection("s").GetChildren())
                {
                    _ = child.Value;
                }

                _ = root["s:a"];
                root["mine"] = "x";
            }
        }))];
        for (int i = 1; i <= 2000; i++)
        {
            _server.Put("s.a", i.ToString());
            _server.Put($"s.k{i}", "x");
            _server.Delete($"s.k{i - 1}");
        }

        await Eventual.EqualAsync("2000", () => root["s:a"]);
        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }

    [Fact]
    public async Task Dispose_DuringChanges_ReleasesEverythingAndKeepsReading()
    {
        (IConfigurationRoot root, _) = Build(static source => source.ReloadDelay = TimeSpan.Zero);
        Task writer = Task.Run(
            () =>
            {
                for (int i = 0; i < 5000; i++)
                {
                    _server.Put("a", i.ToString());
                }
            },
            TestContext.Current.CancellationToken);
        await Eventual.EqualAsync(true, () => root["a"] is not null);
        ((IDisposable)root).Dispose();
        await writer;
        Assert.Equal((0, 0), (_server.RunningWatches, _server.OpenHandles));
        Assert.NotNull(root["a"]);
    }

    private (IConfigurationRoot Root, ReloadCounter Reloads) Build(
        Action<NatsKvConfigurationSource>? configure = null, params (string Key, string Value)[] content)
    {
        foreach ((string key, string value) in content)
        {
            _server.Put(key, value);
        }

        IConfigurationRoot root = new ConfigurationBuilder()
            .AddFake(_server, source =>
            {
                source.ReloadDelay = TimeSpan.FromMilliseconds(50);
                source.TimeProvider = _time;
                source.LoggerFactory = _logger;
                configure?.Invoke(source);
            })
            .Build();
        return (root, new ReloadCounter(root));
    }
}
