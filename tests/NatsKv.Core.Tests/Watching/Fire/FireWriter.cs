namespace NatsKv.Tests.Watching.Fire;

/// <summary>Writes what comes to its mind, over a connection of its own, until it is stopped. Failures are part of the game.</summary>
internal sealed class FireWriter(string url, string bucket, FireLedger ledger, int seed) : IAsyncDisposable
{
    // Most writes go to few keys. The others are touched so rarely that what a watch missed of them still shows in the end.
    private const int HotKeys = 30;
    private const int QuietKeys = 500;

    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    private readonly NatsKvClient _client = new(new NatsKvOptions { Url = url, RequestTimeout = TimeSpan.FromSeconds(2), PingInterval = OneSecond });
    private readonly CancellationTokenSource _stopping = new();
    private Task _loop = Task.CompletedTask;

    public void Start() => _loop = RunAsync();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        await _client.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        var random = new Random(seed);
        INatsKvBucket handle = _client.Bind(bucket);
        for (int i = 0; !_stopping.IsCancellationRequested; i++)
        {
            int era = ledger.Era;
            try
            {
                ledger.Acknowledge(await WriteAsync(handle, random, $"{seed}-{i}"), era);
                await Task.Delay(random.Next(25), _stopping.Token);
            }
            catch (NatsKvException)
            {
                await Task.Delay(50, CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                // Stopped.
            }
        }
    }

    private async Task<ulong> WriteAsync(INatsKvBucket handle, Random random, string value)
    {
        string key = random.Next(4) != 0 ? $"hot.{random.Next(HotKeys)}" : $"quiet.{(char)('a' + random.Next(3))}.{random.Next(QuietKeys)}";
        TimeSpan? timeToLive = random.Next(3) == 0 ? OneSecond * random.Next(1, 4) : null;
        return random.Next(10) switch
        {
            0 => await handle.DeleteAsync(key, cancellationToken: _stopping.Token),
            1 => await handle.PurgeAsync(key, new NatsKvWriteOptions { TimeToLive = timeToLive }, _stopping.Token),
            _ => await handle.PutAsync(key, value, timeToLive, _stopping.Token),
        };
    }
}
