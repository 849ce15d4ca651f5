using System.Collections.Concurrent;
using NatsKv.Testing;
using NatsKv.Tests.Watching.Rows;

[assembly: AssemblyFixture(typeof(ServerVersions))]

namespace NatsKv.Tests.Watching.Rows;

/// <summary>A server of each line, started when a test first wants it; each test has buckets of its own.</summary>
public sealed class ServerVersions : IAsyncDisposable
{
    private readonly ConcurrentDictionary<NatsServerVersion, Lazy<Task<NatsServer>>> _servers = new();
    private int _names;

    public Task<NatsServer> GetAsync(NatsServerVersion version) =>
        _servers.GetOrAdd(version, static line => new Lazy<Task<NatsServer>>(() => NatsServer.StartAsync(new NatsServerOptions { ServerVersion = line }))).Value;

    /// <summary>A bucket name that no other test has.</summary>
    public string NewName() => $"row-{Interlocked.Increment(ref _names)}";

    public async ValueTask DisposeAsync()
    {
        foreach (Lazy<Task<NatsServer>> server in _servers.Values)
        {
            await (await server.Value).DisposeAsync();
        }
    }
}
