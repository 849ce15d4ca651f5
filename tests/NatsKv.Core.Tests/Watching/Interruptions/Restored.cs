using NatsKv.Testing;

namespace NatsKv.Tests.Watching.Interruptions;

/// <summary>A server with a bucket of two keys, of which there is a copy, and a watch that then saw three more revisions of another key.</summary>
internal sealed class Restored : IAsyncDisposable
{
    private readonly NatsServer _server;
    private readonly TcpProxy _proxy;
    private readonly NatsKvClient _client;
    private readonly string _copy = Directory.CreateTempSubdirectory("natskv-copy").FullName;

    private Restored(NatsServer server, TcpProxy proxy)
    {
        _server = server;
        _proxy = proxy;
        _client = new NatsKvClient(new NatsKvOptions { Url = proxy.Url });
        Watch = new WatchReader(_client.Bind("bucket").WatchAsync(new NatsKvWatchOptions { IdleHeartbeat = TimeSpan.FromMilliseconds(200) }, Ct));
    }

    public WatchReader Watch { get; }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<Restored> StartAsync(NatsServerVersion version)
    {
        NatsServer server = await NatsServer.StartAsync(new NatsServerOptions { ServerVersion = version }, Ct);
        TcpProxy proxy = await TcpProxy.StartAsync("127.0.0.1", server.Port, ct: Ct);
        var restored = new Restored(server, proxy);
        await using (var writer = new NatsKvClient(new NatsKvOptions { Url = server.Url }))
        {
            INatsKvBucket bucket = await writer.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket" }, Ct);
            await bucket.PutAsync("a", "1", cancellationToken: Ct);
            await bucket.PutAsync("b", "1", cancellationToken: Ct);
        }

        await server.StopAsync(Ct);
        Copy(server.StoreDirectory, restored._copy);
        await server.RestartAsync(ct: Ct);
        Assert.Equal(["a=1 Put", "b=1 Put", "complete"], await restored.Watch.ReadAsync(3));
        await restored.WriteAsync(async bucket =>
        {
            foreach (string key in (string[])["c", "d", "c"])
            {
                await bucket.PutAsync(key, "1", cancellationToken: Ct);
                Assert.Equal([key + "=1 Put"], await restored.Watch.ReadAsync(1));
            }
        });
        return restored;
    }

    /// <summary>Puts the copy in place, and writes before the watch is back.</summary>
    public Task SetBackAsync(Func<INatsKvBucket, Task> write) => RestartAsync(write, () =>
    {
        Directory.Delete(_server.StoreDirectory, recursive: true);
        Copy(_copy, _server.StoreDirectory);
    });

    /// <summary>Makes another copy, of the store as it is now; the server restarts for it.</summary>
    public Task CopyAgainAsync() => RestartAsync(static _ => Task.CompletedTask, () =>
    {
        Directory.Delete(_copy, recursive: true);
        Copy(_server.StoreDirectory, _copy);
    });

    /// <summary>Writes while the watch follows.</summary>
    public async Task WriteAsync(Func<INatsKvBucket, Task> write)
    {
        await using var writer = new NatsKvClient(new NatsKvOptions { Url = _server.Url });
        await write(writer.Bind("bucket"));
    }

    /// <summary>Restarts the server, and writes before the watch is back.</summary>
    public async Task RestartAsync(Func<INatsKvBucket, Task> write, Action? whileStopped = null)
    {
        _proxy.RefuseNewConnections = true;
        await _proxy.CutAsync();
        await _server.StopAsync(Ct);
        whileStopped?.Invoke();
        await _server.RestartAsync(ct: Ct);
        await WriteAsync(write);
        _proxy.RefuseNewConnections = false;
    }

    public async ValueTask DisposeAsync()
    {
        await Watch.DisposeAsync();
        await _client.DisposeAsync();
        await _proxy.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_copy, recursive: true);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }
}
