using System.Text.Json;
using NatsKv.Testing.Clustering;
using NatsKv.Testing.Monitoring;
using NatsKv.Testing.Processes;
using NatsKv.Testing.Wire;

namespace NatsKv.Testing;

/// <summary>
/// A cluster of real nats-servers. The nodes reach each other through proxies only, so that one can be cut off from the others while
/// its clients stay connected to it.
/// </summary>
/// <remarks>All members are safe for concurrent use.</remarks>
public sealed class NatsCluster : IAsyncDisposable
{
    private static readonly TimeSpan StepDownPatience = TimeSpan.FromSeconds(3);
    private readonly MonitoringClient _monitoring = new();
    private readonly RouteMesh _routes;
    private readonly ClusterState _state;
    private readonly StreamApi _streams;
    private readonly TimeSpan _timeout;
    private readonly List<NatsServer> _nodes = [];

    private NatsCluster(NatsServerOptions options, RouteMesh routes)
    {
        _routes = routes;
        _state = new ClusterState(_monitoring);
        _streams = new StreamApi(WireCredentials.Of(options));
        _timeout = options.StartTimeout;
    }

    /// <summary>The nodes. Each can be stopped, killed, paused and restarted; a restarted one takes a while to rejoin, see
    /// <see cref="WaitUntilReadyAsync"/>.</summary>
    public IReadOnlyList<NatsServer> Nodes => _nodes;

    /// <summary>The addresses of all nodes, separated by commas.</summary>
    public string Url => string.Join(',', _nodes.Select(node => node.Url));

    /// <summary>
    /// Finds or fetches a nats-server, starts the nodes, and returns when they have elected a leader, all follow it, and JetStream
    /// answers through every one of them.
    /// </summary>
    /// <param name="options">How to start it; <see langword="null"/> for the defaults.</param>
    /// <param name="ct">Ends the wait, and the nodes with it.</param>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    /// <exception cref="NatsServerNotFoundException">There is no such nats-server, and none could be fetched.</exception>
    /// <exception cref="NatsServerStartException">A node ended right after its start.</exception>
    /// <exception cref="TimeoutException">The cluster wasn't ready within <see cref="NatsServerOptions.StartTimeout"/>.</exception>
    public static async Task<NatsCluster> StartAsync(NatsClusterOptions? options = null, CancellationToken ct = default)
    {
        options ??= new NatsClusterOptions();
        NatsClusterOptions.Validate(options);
        int count = options.NodeCount;
        NatsServerOptions server = options.Server.Copy();
        var cluster = new NatsCluster(server, await RouteMesh.StartAsync(count, ct).ConfigureAwait(false));
        try
        {
            string name = $"natskv-{Guid.NewGuid().ToString("N")[..8]}";
            for (int index = 0; index < count; index++)
            {
                server.ServerName = $"{name}-{index + 1}";
                var routes = new ClusterRoutes(name, cluster._routes.PortsFrom(index));
                NatsServer node = await NatsServer.StartAsync(server, routes, ct).ConfigureAwait(false);
                cluster._nodes.Add(node);
                cluster._routes.Open(index, node.ClusterPort);
            }

            await cluster.WaitUntilReadyAsync(ct).ConfigureAwait(false);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Waits until all nodes that run and are not isolated are connected, follow the same leader, and answer. They must be a majority.
    /// </summary>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="TimeoutException">That isn't so within <see cref="NatsServerOptions.StartTimeout"/>.</exception>
    public Task WaitUntilReadyAsync(CancellationToken ct = default) => WithinTimeoutAsync(
        "the cluster is not ready",
        async token =>
        {
            await ReadinessProbe.PollAsync(async _ => await IsReadyAsync(token).ConfigureAwait(false) ? this : null, token).ConfigureAwait(false);
            foreach (NatsServer node in Reachable())
            {
                await node.WaitUntilReadyAsync(token).ConfigureAwait(false);
            }

            return this;
        },
        ct);

    /// <summary>
    /// Cuts a node off from all others and returns when it has noticed. Its clients stay connected to it. A leader that is cut off goes
    /// on for about 10 s before it resigns; the others elect a new one after 4 to 9 s.
    /// </summary>
    /// <param name="node">One of <see cref="Nodes"/>, not paused.</param>
    /// <param name="ct">Ends the wait; the node stays cut off.</param>
    /// <exception cref="TimeoutException">The node has not noticed within <see cref="NatsServerOptions.StartTimeout"/>.</exception>
    public async Task IsolateAsync(NatsServer node, CancellationToken ct = default)
    {
        await _routes.IsolateAsync(IndexOf(node)).ConfigureAwait(false);
        await WaitForPeersAsync(node, 0, ct).ConfigureAwait(false);
    }

    /// <summary>Connects a node with the others again, and returns when it is connected; it may take longer to catch up.</summary>
    /// <param name="node">One of <see cref="Nodes"/>, not paused.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="TimeoutException">It isn't connected within <see cref="NatsServerOptions.StartTimeout"/>.</exception>
    public async Task HealAsync(NatsServer node, CancellationToken ct = default)
    {
        _routes.Heal(IndexOf(node));
        await WaitForPeersAsync(node, Reachable().Count(other => other != node), ct).ConfigureAwait(false);
    }

    /// <summary>The node that leads a stream, as those see it that run and are not isolated.</summary>
    /// <param name="streamName">The stream; that of a bucket is <c>KV_</c> and the bucket's name.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The leader, or <see langword="null"/> when the stream has none at present.</returns>
    /// <exception cref="InvalidOperationException">There is no such stream.</exception>
    public async Task<NatsServer?> GetStreamLeaderAsync(string streamName, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(streamName);
        foreach (NatsServer node in Reachable())
        {
            using JsonDocument? info = await _streams.TryRequestAsync(node, $"$JS.API.STREAM.INFO.{streamName}", ct).ConfigureAwait(false);
            if (info is not null)
            {
                return info.RootElement.TryGetProperty("cluster", out JsonElement cluster) &&
                    cluster.TryGetProperty("leader", out JsonElement leader)
                        ? _nodes.Find(other => other.Name == leader.GetString())
                        : null;
            }
        }

        return null;
    }

    /// <summary>Makes the leader of a stream step down, and returns the node that leads it then.</summary>
    /// <param name="streamName">The stream; that of a bucket is <c>KV_</c> and the bucket's name.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">There is no such stream.</exception>
    /// <exception cref="TimeoutException">No other node leads it within <see cref="NatsServerOptions.StartTimeout"/>.</exception>
    public Task<NatsServer> StepDownStreamLeaderAsync(string streamName, CancellationToken ct = default) => WithinTimeoutAsync(
        $"no other node leads the stream {streamName}",
        async token =>
        {
            NatsServer old = await ReadinessProbe.PollAsync(_ => GetStreamLeaderAsync(streamName, token), token).ConfigureAwait(false);
            long asked = 0;
            return await ReadinessProbe.PollAsync(
                async _ =>
                {
                    NatsServer? leader = await GetStreamLeaderAsync(streamName, token).ConfigureAwait(false);
                    if (leader == old && (asked == 0 || TimeProvider.System.GetElapsedTime(asked) > StepDownPatience))
                    {
                        // Again, too: the request may get lost, be refused, or the same node be elected.
                        asked = TimeProvider.System.GetTimestamp();
                        (await _streams.TryRequestAsync(old, $"$JS.API.STREAM.LEADER.STEPDOWN.{streamName}", token).ConfigureAwait(false))?.Dispose();
                    }

                    return leader == old ? null : leader;
                },
                token).ConfigureAwait(false);
        },
        ct);

    /// <summary>Kills all nodes and deletes what was made for them.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (NatsServer node in _nodes)
        {
            await node.DisposeAsync().ConfigureAwait(false);
        }

        await _routes.DisposeAsync().ConfigureAwait(false);
        _monitoring.Dispose();
    }

    private async Task<bool> IsReadyAsync(CancellationToken ct)
    {
        NatsServer[] nodes = Reachable();
        string? leader = null;
        foreach (NatsServer node in nodes)
        {
            string? follows = await _state.TryGetMetaLeaderAsync(node, ct).ConfigureAwait(false);
            if (follows is null || (leader is not null && follows != leader) ||
                await _state.CountPeersAsync(node, ct).ConfigureAwait(false) != nodes.Length - 1)
            {
                return false;
            }

            leader = follows;
        }

        return Array.Find(nodes, node => node.Name == leader) is { } metaLeader &&
            await _state.CountCurrentFollowersAsync(metaLeader, ct).ConfigureAwait(false) >= nodes.Length - 1;
    }

    private Task<NatsServer> WaitForPeersAsync(NatsServer node, int peers, CancellationToken ct) => WithinTimeoutAsync(
        "the cluster's connections have not changed",
        token => ReadinessProbe.PollAsync(
            async _ => !node.IsRunning || await _state.CountPeersAsync(node, token).ConfigureAwait(false) == peers ? node : null, token),
        ct);

    private NatsServer[] Reachable() => [.. _nodes.Where((node, index) => node.IsRunning && !_routes.IsIsolated(index))];

    private int IndexOf(NatsServer node) =>
        _nodes.IndexOf(node) is >= 0 and int index ? index : throw new ArgumentException("The node is not one of this cluster's.", nameof(node));

    private async Task<T> WithinTimeoutAsync<T>(string failure, Func<CancellationToken, Task<T>> action, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(_timeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            return await action(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException($"After {_timeout.TotalSeconds} s {failure}.", error);
        }
    }
}
