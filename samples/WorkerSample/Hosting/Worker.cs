using System.Threading.Channels;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NatsKv;
using WorkerSample.Pricing;

namespace WorkerSample.Hosting;

/// <summary>A hosted worker that acts on its configuration as it changes: no restart, no polling.</summary>
internal sealed class Worker(
    IConfiguration configuration,
    IOptionsMonitor<GreetingOptions> greeting,
    PriceList prices,
    INatsKvClient client,
    TimeProvider time) : BackgroundService
{
    private readonly Channel<(DateTimeOffset At, IReadOnlyList<ConfigurationChange> Changes)> _reloads =
        Channel.CreateUnbounded<(DateTimeOffset, IReadOnlyList<ConfigurationChange>)>();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The time is taken in the callback itself: it is what a user's own callback would see.
        using var watcher = new ConfigurationWatcher(configuration, changes => _reloads.Writer.TryWrite((time.GetUtcNow(), changes)));
        await ReportAsync(stoppingToken);
        await foreach ((DateTimeOffset at, IReadOnlyList<ConfigurationChange> changes) in _reloads.Reader.ReadAllAsync(stoppingToken))
        {
            foreach (ConfigurationChange change in changes)
            {
                Console.WriteLine($"{at.ToLocalTime():HH:mm:ss.fff}  {change}{await DelayAsync(change, at, stoppingToken)}");
            }

            await ReportAsync(stoppingToken);
        }
    }

    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        (decimal price, bool fromCache) = await prices.GetAsync(cancellationToken);
        Console.WriteLine($"              the worker greets with {greeting.CurrentValue}; three widgets cost {price:0.00} ({(fromCache ? "from the cache" : "worked out, and cached for a minute")})");
    }

    // How long after the write: the server's time stamp of the key's latest revision, a removal included.
    private async Task<string> DelayAsync(ConfigurationChange change, DateTimeOffset at, CancellationToken cancellationToken)
    {
        string key = change.Key.Replace(':', '.');
        var options = new NatsKvReadOptions { IncludeDeleted = true };
        NatsKvEntry? entry = await client.Bind(SampleHost.ConfigurationBucket).GetAsync(key, options, cancellationToken);
        return entry is null ? "" : $"   ({Math.Max((at - entry.Created).TotalMilliseconds, 0):0.0} ms after the write)";
    }
}
