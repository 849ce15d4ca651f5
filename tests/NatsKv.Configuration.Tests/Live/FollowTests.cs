using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace NatsKv.Configuration.Tests.Live;

public sealed class FollowTests(Server server) : LiveTest(server)
{
    protected override NatsKvBucketConfig Config => base.Config with { LimitMarkerTtl = TimeSpan.FromSeconds(5) };

    [Fact]
    public async Task Host_ChangeOfAKey_ReachesOptionsMonitor()
    {
        await Bucket.PutAsync("App.Greeting", "hello", cancellationToken: Cancellation);
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddNatsKv(source => Configure(source));
        builder.Services.Configure<AppOptions>(builder.Configuration.GetSection("App"));
        using IHost host = builder.Build();
        await host.StartAsync(Cancellation);
        var monitor = host.Services.GetRequiredService<IOptionsMonitor<AppOptions>>();
        Assert.Equal("hello", monitor.CurrentValue.Greeting);

        var changed = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        using IDisposable? registration = monitor.OnChange(options => changed.TrySetResult(options.Greeting));
        await Bucket.PutAsync("App.Greeting", "hello again", cancellationToken: Cancellation);
        Assert.Equal("hello again", await changed.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancellation));
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Load_ManyKeysWithHistoryOfChangesAndDeletes_ShowsTheLatest()
    {
        for (int i = 0; i < 1000; i++)
        {
            await Bucket.PutAsync($"k.{i % 300}", i.ToString(), cancellationToken: Cancellation);
        }

        await Bucket.DeleteAsync("k.0", cancellationToken: Cancellation);
        await Bucket.PurgeAsync("k.1", cancellationToken: Cancellation);
        IConfigurationRoot root = Load();
        Assert.Equal(298, root.GetSection("k").GetChildren().Count());
        Assert.Equal("999", root["k:99"]);
        Assert.Equal("899", root["k:299"]);
        Assert.Null(root["k:0"]);
    }

    [Fact]
    public void Load_EmptyBucket_IsEmptyAtOnce() => Assert.Empty(Load().GetChildren());

    [Fact]
    public async Task Load_OnlyMarkersInTheBucket_IsEmptyAtOnce()
    {
        await Bucket.PutAsync("a", "1", cancellationToken: Cancellation);
        await Bucket.DeleteAsync("a", cancellationToken: Cancellation);
        Assert.Empty(Load().GetChildren());
    }

    [Fact]
    public async Task Removals_DeletePurgeAndExpiry_RemoveTheKey()
    {
        await Bucket.PutAsync("deleted", "1", cancellationToken: Cancellation);
        await Bucket.PutAsync("purged", "1", cancellationToken: Cancellation);
        await Bucket.PutAsync("expires", "1", TimeSpan.FromHours(1), Cancellation);
        await Bucket.PutAsync("stays", "", cancellationToken: Cancellation);
        IConfigurationRoot root = Load();
        Assert.Equal(4, root.GetChildren().Count());
        await Bucket.DeleteAsync("deleted", cancellationToken: Cancellation);
        await Eventual.EqualAsync(null, () => root["deleted"]);
        await Bucket.PurgeAsync("purged", cancellationToken: Cancellation);
        await Eventual.EqualAsync(null, () => root["purged"]);

        // The short life begins only now: a machine that stands still may take longer to load than a key lives for a second.
        await Bucket.PutAsync("expires", "1", TimeSpan.FromSeconds(1), Cancellation);
        await Eventual.EqualAsync(null, () => root["expires"]);
        Assert.Equal("", root["stays"]);
        Assert.Single(root.GetChildren());
    }

    [Fact]
    public async Task Delete_KeyThatHidAnother_BringsItBack()
    {
        await Bucket.PutAsync("Feature", "older", cancellationToken: Cancellation);
        await Bucket.PutAsync("feature", "newer", cancellationToken: Cancellation);
        IConfigurationRoot root = Load();
        Assert.Equal("newer", root["FEATURE"]);
        await Bucket.DeleteAsync("feature", cancellationToken: Cancellation);
        await Eventual.EqualAsync("older", () => root["FEATURE"]);
    }

    [Fact]
    public async Task Put_IdenticalValue_IsNoReload()
    {
        await Bucket.PutAsync("a", "1", cancellationToken: Cancellation);
        IConfigurationRoot root = Load(static source => source.ReloadDelay = TimeSpan.Zero);
        using var reloads = new ReloadCounter(root);
        for (int i = 0; i < 10; i++)
        {
            await Bucket.PutAsync("a", "1", cancellationToken: Cancellation);
        }

        await Bucket.PutAsync("b", "1", cancellationToken: Cancellation);
        Assert.Equal(1, await reloads.UntilShownAsync("1"));
    }

    [Fact]
    public async Task Put_BurstOfThousand_IsFewReloads()
    {
        IConfigurationRoot root = Load(static source =>
        {
            source.ReloadDelay = TimeSpan.FromSeconds(1);
            source.MaxReloadDelay = TimeSpan.FromMinutes(1);
        });
        using var reloads = new ReloadCounter(root);

        // One after the other: what comes in one piece is few reloads without any delay, too.
        for (int i = 0; i < 1000; i++)
        {
            await Bucket.PutAsync($"k.{i}", "x", cancellationToken: Cancellation);
        }

        await Eventual.EqualAsync(1000, () => root.GetSection("k").GetChildren().Count());

        // Two, if the thousand come within the delay of each other, and one for each time the machine stands still for a second.
        Assert.InRange(reloads.Count, 1, 10);
    }

    [Fact]
    public async Task Prefix_Set_ShowsOnlyWhatIsBelow()
    {
        await Bucket.PutAsync("app.web.a", "1", cancellationToken: Cancellation);
        await Bucket.PutAsync("app.website.a", "2", cancellationToken: Cancellation);
        await Bucket.PutAsync("app.web", "3", cancellationToken: Cancellation);
        IConfigurationRoot root = Load(static source => source.Prefix = "app.web");
        Assert.Equal("a", Assert.Single(root.GetChildren()).Key);
        await Bucket.PutAsync("app.website.b", "2", cancellationToken: Cancellation);
        await Bucket.PutAsync("app.web.b.c", "1", cancellationToken: Cancellation);
        await Eventual.EqualAsync("1", () => root["b:c"]);
        Assert.Equal(2, root.GetChildren().Count());
    }

    [Fact]
    public async Task Values_NotUtf8_KeepTheLastGoodOne()
    {
        await Bucket.PutAsync("a", "good", cancellationToken: Cancellation);
        IConfigurationRoot root = Load();
        await Bucket.PutAsync("a", new byte[] { 0xFF, 0xFE }, cancellationToken: Cancellation);
        await Bucket.PutAsync("b", "after", cancellationToken: Cancellation);
        await Eventual.EqualAsync("after", () => root["b"]);
        Assert.Equal("good", root["a"]);
    }

    [Fact]
    public async Task Keys_ThatNoClientWrites_AreShownOrPassedOver()
    {
        await using (var raw = await RawConnection.OpenAsync(Nats.Port))
        {
            foreach (string key in new[] { "raw:colon", "raw.ünï", "raw$x", "raw|y", "raw%20z", "raw,comma", "raw\u0001control", "_kv.reserved" })
            {
                await raw.PublishAsync($"$KV.{BucketName}.{key}", "x");
            }

            await raw.FlushAsync();
        }

        IConfigurationRoot root = Load();
        foreach (string key in new[] { "raw:colon", "raw:ünï", "raw$x", "raw|y", "raw%20z", "raw,comma", "raw\u0001control" })
        {
            Assert.Equal("x", root[key]);
        }

        Assert.Null(root["_kv:reserved"]);
    }

    [Fact]
    public async Task ReloadOnChange_Off_LeavesNoConsumerAndReadsAgainOnReload()
    {
        await Bucket.PutAsync("a", "1", cancellationToken: Cancellation);
        IConfigurationRoot root = Load(static source => source.ReloadOnChange = false);
        await Eventual.EqualAsync(0, () => Server.CountConsumersAsync(Nats, BucketName));
        await Bucket.PutAsync("a", "2", cancellationToken: Cancellation);
        Assert.Equal("1", root["a"]);
        root.Reload();
        Assert.Equal("2", root["a"]);
        await Eventual.EqualAsync(0, () => Server.CountConsumersAsync(Nats, BucketName));
    }

    [Fact]
    public async Task Dispose_Root_LeavesNoConsumer()
    {
        var root = (ConfigurationRoot)Load();
        await Eventual.EqualAsync(1, () => Server.CountConsumersAsync(Nats, BucketName));
        root.Dispose();
        await Eventual.EqualAsync(0, () => Server.CountConsumersAsync(Nats, BucketName));
    }

    [Fact]
    public async Task Listener_ThatThrows_StopsNothing()
    {
        IConfigurationRoot root = Load(static source => source.ReloadDelay = TimeSpan.Zero);
        int calls = 0;
        using IDisposable registration = ChangeToken.OnChange(root.GetReloadToken, () =>
        {
            Interlocked.Increment(ref calls);
            throw new InvalidOperationException("listener");
        });
        for (int i = 1; i <= 3; i++)
        {
            await Bucket.PutAsync("a", i.ToString(), cancellationToken: Cancellation);
            await Eventual.EqualAsync(i.ToString(), () => root["a"]);
            await Eventual.EqualAsync(i, () => Volatile.Read(ref calls));
        }
    }

    [Fact]
    public async Task Readers_WhileABucketChanges_NeverSeeAnException()
    {
        await Bucket.PutAsync("App.Greeting", "0", cancellationToken: Cancellation);
        IConfigurationRoot root = Load(static source => source.ReloadDelay = TimeSpan.Zero);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task[] readers = [.. Enumerable.Range(0, 2).Select(reader => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                Assert.NotNull(root.GetSection("App").Get<AppOptions>()!.Greeting);
            }
        }))];
        for (int i = 1; i <= 300; i++)
        {
            await Bucket.PutAsync("App.Greeting", i.ToString(), cancellationToken: Cancellation);
            await Bucket.PutAsync($"App.K{i}", "x", cancellationToken: Cancellation);
        }

        await Eventual.EqualAsync("300", () => root["App:Greeting"]);
        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }

    internal sealed class AppOptions
    {
        public string? Greeting { get; set; }
    }
}
