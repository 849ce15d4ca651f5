using NatsKv;
using WorkerSample.Hosting;

namespace WorkerSample.Commands;

/// <summary>The commands for a second terminal.</summary>
internal sealed class KeyCommands : IAsyncDisposable
{
    private readonly NatsKvClient _client;
    private readonly INatsKvBucket _bucket;

    private KeyCommands(string url)
    {
        _client = new NatsKvClient(new NatsKvOptions { Url = url, ClientName = "WorkerSample command" });
        _bucket = _client.Bind(SampleHost.ConfigurationBucket);
    }

    public static KeyCommands Open(string? url) => new(SampleServer.Find(url));

    public async Task<int> SetAsync(string key, string value, string? ttl, CancellationToken cancellationToken)
    {
        TimeSpan? timeToLive = null;
        if (ttl is not null)
        {
            timeToLive = NatsKvDuration.TryParseTimeToLive(ttl, out TimeSpan parsed)
                ? parsed
                : throw new ArgumentException($"'{ttl}' is no duration. Write it like 30s, 5m or 1.5h, or never.");
        }

        ulong revision = await _bucket.PutAsync(key, value, timeToLive, cancellationToken);
        Console.WriteLine($"{key} = {value}   (revision {revision}{(timeToLive is null ? "" : $", for {ttl}")})");
        return 0;
    }

    public async Task<int> GetAsync(string key, CancellationToken cancellationToken)
    {
        NatsKvEntry? entry = await _bucket.GetAsync(key, cancellationToken);
        if (entry is null)
        {
            Console.Error.WriteLine($"There is no key '{key}'.");
            return 1;
        }

        Console.WriteLine(entry.GetString());
        return 0;
    }

    public async Task<int> DeleteAsync(string key, CancellationToken cancellationToken)
    {
        await _bucket.DeleteAsync(key, cancellationToken: cancellationToken);
        Console.WriteLine($"{key} deleted");
        return 0;
    }

    public async Task<int> ListAsync(string filter, CancellationToken cancellationToken)
    {
        var entries = new SortedDictionary<string, NatsKvEntry>(StringComparer.Ordinal);
        await foreach (NatsKvWatchEvent item in _bucket.WatchAsync(new NatsKvWatchOptions { Filters = [filter], IgnoreDeletes = true }, cancellationToken))
        {
            if (item.Kind == NatsKvWatchEventKind.InitialDataComplete)
            {
                break;
            }

            entries[item.Entry!.Key] = item.Entry;
        }

        foreach (NatsKvEntry entry in entries.Values)
        {
            Console.WriteLine($"{entry.Key} = {entry.GetString()}");
        }

        return 0;
    }

    public async Task<int> WatchAsync(string filter, CancellationToken cancellationToken)
    {
        await foreach (NatsKvWatchEvent item in _bucket.WatchAsync(new NatsKvWatchOptions { Filters = [filter] }, cancellationToken))
        {
            Console.WriteLine(item.Kind switch
            {
                NatsKvWatchEventKind.Entry => $"{item.Entry!.Created.ToLocalTime():HH:mm:ss.fff}  {item.Entry.Operation,-6}  {item.Entry.Key} = {item.Entry.GetString()}",
                NatsKvWatchEventKind.InitialDataComplete => "-- that is what there is; now following changes --",
                _ => "-- the bucket was made anew --",
            });
        }

        return 0;
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();
}
