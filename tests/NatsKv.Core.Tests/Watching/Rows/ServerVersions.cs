using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using NatsKv.Connection;
using NatsKv.Testing;
using NatsKv.Tests.Watching.Rows;
using NatsKv.Transport;

[assembly: AssemblyFixture(typeof(ServerVersions))]

namespace NatsKv.Tests.Watching.Rows;

/// <summary>A server of each line, started when a test first wants it; each test has buckets of its own.</summary>
public sealed class ServerVersions : IAsyncDisposable
{
    private readonly ConcurrentDictionary<NatsServerVersion, Lazy<Task<NatsServer>>> _servers = new();
    private readonly ConcurrentDictionary<NatsServerVersion, Lazy<Task<NatsConnection>>> _connections = new();
    private int _names;

    public Task<NatsServer> GetAsync(NatsServerVersion version) =>
        _servers.GetOrAdd(version, static line => new Lazy<Task<NatsServer>>(() => NatsServer.StartAsync(new NatsServerOptions { ServerVersion = line }))).Value;

    /// <summary>A bucket name that no other test has.</summary>
    public string NewName() => $"row-{Interlocked.Increment(ref _names)}";

    /// <summary>Sends a request that no client has a method for.</summary>
    /// <returns>The reply's body.</returns>
    internal async Task<string> RequestAsync(NatsServerVersion version, NatsOutgoingMessage message)
    {
        NatsConnection connection = await _connections.GetOrAdd(version, line => new Lazy<Task<NatsConnection>>(() => ConnectAsync(line))).Value;
        using NatsMessage reply = await ConnectionThread.LeaveAfter(connection.RequestAsync(message, TestContext.Current.CancellationToken));
        return Encoding.UTF8.GetString(reply.Payload.Span);
    }

    /// <summary>Sends a message to which no reply is expected.</summary>
    internal async Task PublishAsync(NatsServerVersion version, string subject, string text)
    {
        NatsConnection connection = await _connections.GetOrAdd(version, line => new Lazy<Task<NatsConnection>>(() => ConnectAsync(line))).Value;
        await connection.PublishAsync(new NatsOutgoingMessage(new NatsSubject(subject), Encoding.UTF8.GetBytes(text)), TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Lazy<Task<NatsConnection>> connection in _connections.Values)
        {
            await (await connection.Value).DisposeAsync();
        }

        foreach (Lazy<Task<NatsServer>> server in _servers.Values)
        {
            await (await server.Value).DisposeAsync();
        }
    }

    private async Task<NatsConnection> ConnectAsync(NatsServerVersion version)
    {
        var settings = new NatsKvConnectionSettings(new NatsKvOptions { Url = (await GetAsync(version)).Url });
        return new NatsConnection(new NatsTransportContext(settings, NullLoggerFactory.Instance, TimeProvider.System));
    }
}
