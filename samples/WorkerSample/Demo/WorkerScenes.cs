using System.Diagnostics;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.FeatureManagement;
using NatsKv;
using NatsKv.Testing;
using WorkerSample.Hosting;
using WorkerSample.Pricing;

namespace WorkerSample.Demo;

/// <summary>The scenes with the worker's host in them.</summary>
internal sealed class WorkerScenes : IAsyncDisposable
{
    private const string FlagKey = "FeatureManagement.NewPricing";

    private readonly DemoScript _script;
    private readonly NatsServer _server;
    private readonly INatsKvClient _outside;
    private readonly IHost _host;

    private WorkerScenes(DemoScript script, NatsServer server, INatsKvClient outside, IHost host)
    {
        _script = script;
        _server = server;
        _outside = outside;
        _host = host;
    }

    private INatsKvBucket Bucket => _outside.Bind(SampleHost.ConfigurationBucket);

    public static async Task<WorkerScenes> StartAsync(DemoScript script, NatsServer server, INatsKvClient outside, CancellationToken cancellationToken)
    {
        script.Scene("Configuration comes out of a bucket");
        int written = await Seeds.PlantAsync(outside, cancellationToken);
        script.Say($"Another connection has written {written} keys into bucket '{SampleHost.ConfigurationBucket}'.");
        long start = Stopwatch.GetTimestamp();
        IHost host = SampleHost.CreateBuilder(server.Url).Build();
        await host.StartAsync(cancellationToken);
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        var greeting = host.Services.GetRequiredService<IOptionsMonitor<GreetingOptions>>();
        script.Check(greeting.CurrentValue.Text == "Hello", $"the host is up {time.TotalMilliseconds:0.0} ms later, and its options greet with {greeting.CurrentValue}");
        bool isEnabled = await host.Services.GetRequiredService<IFeatureManager>().IsEnabledAsync(Flags.NewPricing);
        script.Check(!isEnabled, $"flag {Flags.NewPricing} is off");
        return new WorkerScenes(script, server, outside, host);
    }

    public async Task FlipAFlagAsync(CancellationToken cancellationToken)
    {
        _script.Scene("A flag is flipped by another connection, with no restart and no polling");
        bool acted = await MeasureAsync(FlagKey, "true", async () => await FeaturesAsync(), cancellationToken, out Func<TimeSpan> took);
        _script.Check(acted, $"the worker acted on it {took().TotalMilliseconds:0.0} ms after the write began");

        await Bucket.PutAsync("Greeting.Text", "Good morning", cancellationToken: cancellationToken);
        var greeting = _host.Services.GetRequiredService<IOptionsMonitor<GreetingOptions>>();
        bool greets = await Patience.UntilAsync(() => Task.FromResult(greeting.CurrentValue.Text == "Good morning"), cancellationToken);
        _script.Check(greets, $"options follow too: {greeting.CurrentValue}");

        await Bucket.DeleteAsync("Greeting.Text", cancellationToken: cancellationToken);
        bool falls = await Patience.UntilAsync(() => Task.FromResult(greeting.CurrentValue.Text == "Hello"), cancellationToken);
        _script.Check(falls, $"a deleted key falls back to the default in code: {greeting.CurrentValue}");
    }

    public async Task ExpireACacheEntryAsync(CancellationToken cancellationToken)
    {
        _script.Scene("A cache entry, set for 1.5 s");
        var cache = _host.Services.GetRequiredService<IDistributedCache>();
        TimeSpan lifetime = TimeSpan.FromSeconds(1.5);
        long start;
        string? read;
        do
        {
            start = Stopwatch.GetTimestamp();
            await cache.SetStringAsync("user:42:cart", "3 widgets", new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = lifetime }, cancellationToken);
            read = await cache.GetStringAsync("user:42:cart", cancellationToken);
        }
        while (read is null && Stopwatch.GetElapsedTime(start) >= lifetime); // A machine that stood still for as long reads it too late.

        _script.Check(read == "3 widgets", $"IDistributedCache reads it back: {read}");
        bool gone = await Patience.UntilAsync(async () => await cache.GetAsync("user:42:cart", cancellationToken) is null, cancellationToken);
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        _script.Check(gone && took > lifetime - TimeSpan.FromMilliseconds(100), $"and no more {took.TotalSeconds:0.0} s later");
    }

    public async Task SurviveARestartAsync(CancellationToken cancellationToken)
    {
        _script.Scene("The server is killed and restarted; the flag changes right after");
        await _server.KillAsync(cancellationToken);
        _script.Say("killed");
        await _server.RestartAsync(ct: cancellationToken);
        _script.Say("up again, on the same store");

        // The one who writes may not have noticed yet that its connection is gone, and then doesn't know what became of its write.
        await Patience.UntilAsync(() => IsConnectedAsync(cancellationToken), cancellationToken);
        bool acted = await MeasureAsync(FlagKey, "false", async () => !await FeaturesAsync(), cancellationToken, out Func<TimeSpan> took);
        _script.Check(acted, $"the worker has reconnected and acted on the change, {took().TotalMilliseconds:0.0} ms after the write began");
    }

    public async Task CountConnectionsAsync(CancellationToken cancellationToken)
    {
        _script.Scene("One host, one connection");
        await _outside.PingAsync(cancellationToken);
        int all = 0;
        await Patience.UntilAsync(async () => (all = await _server.GetConnectionCountAsync(cancellationToken)) == 2, cancellationToken);
        _script.Check(all == 2, $"the server counts {all} connections: the one that wrote, and one for the worker's configuration and cache together");
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }

    private async Task<bool> IsConnectedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _outside.PingAsync(cancellationToken);
            return true;
        }
        catch (NatsKvException)
        {
            return false;
        }
    }

    private async Task<bool> FeaturesAsync() => await _host.Services.GetRequiredService<IFeatureManager>().IsEnabledAsync(Flags.NewPricing);

    // From just before the write until the flag is as wanted, looked at only once a reload has been raised. The feature manager drops what it
    // remembers in a reload callback of its own, which may come after ours: so not in the callback, and again until it holds.
    private Task<bool> MeasureAsync(string key, string value, Func<Task<bool>> isAsWanted, CancellationToken cancellationToken, out Func<TimeSpan> took)
    {
        long start = 0;
        long end = 0;
        took = () => Stopwatch.GetElapsedTime(start, end);
        return Run();

        async Task<bool> Run()
        {
            var reloaded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var configuration = _host.Services.GetRequiredService<IConfiguration>();
            using IDisposable registration = ChangeToken.OnChange(configuration.GetReloadToken, () => reloaded.TrySetResult());
            start = end = Stopwatch.GetTimestamp();
            await Bucket.PutAsync(key, value, cancellationToken: cancellationToken);
            bool acted = await Patience.ForAsync(reloaded.Task, cancellationToken) && await Patience.UntilAsync(isAsWanted, cancellationToken);
            end = Stopwatch.GetTimestamp();
            return acted;
        }
    }
}
