namespace NatsKv.Testing.Clustering;

/// <summary>
/// The routes of a cluster: one proxy for each node's way to each other node, so that the ways from and to one node can be cut and the
/// others left alone.
/// </summary>
internal sealed class RouteMesh : IAsyncDisposable
{
    private readonly TcpProxy?[,] _ways;
    private readonly HashSet<int> _isolated = [];
    private readonly Lock _lock = new();

    private RouteMesh(int nodes) => _ways = new TcpProxy?[nodes, nodes];

    private int Nodes => _ways.GetLength(0);

    public static async Task<RouteMesh> StartAsync(int nodes, CancellationToken ct)
    {
        var mesh = new RouteMesh(nodes);
        foreach ((int from, int to) in mesh.Pairs())
        {
            // Nodes start before it is known where the others listen; until then their ways lead nowhere.
            TcpProxy proxy = await TcpProxy.StartAsync("127.0.0.1", 1, 0, ct).ConfigureAwait(false);
            proxy.RefuseNewConnections = true;
            mesh._ways[from, to] = proxy;
        }

        return mesh;
    }

    /// <summary>The ports that lead from a node to the others.</summary>
    public IReadOnlyList<int> PortsFrom(int node) => [.. Pairs().Where(pair => pair.From == node).Select(pair => _ways[pair.From, pair.To]!.Port)];

    /// <summary>Opens the ways to a node, now that it is known where it listens.</summary>
    public void Open(int node, int port)
    {
        foreach ((int from, int to) in Pairs().Where(pair => pair.To == node))
        {
            _ways[from, to]!.Retarget(port);
            _ways[from, to]!.RefuseNewConnections = false;
        }
    }

    public bool IsIsolated(int node)
    {
        lock (_lock)
        {
            return _isolated.Contains(node);
        }
    }

    public async Task IsolateAsync(int node)
    {
        TcpProxy[] ways = Switch(() => _isolated.Add(node), node);
        await Task.WhenAll(ways.Select(way => way.CutAsync())).ConfigureAwait(false);
    }

    public void Heal(int node) => Switch(() => _isolated.Remove(node), node);

    public async ValueTask DisposeAsync()
    {
        foreach (TcpProxy? way in _ways)
        {
            if (way is not null)
            {
                await way.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    // A way is open when neither of its ends is isolated.
    private TcpProxy[] Switch(Func<bool> change, int node)
    {
        lock (_lock)
        {
            change();
            var ways = new List<TcpProxy>();
            foreach ((int from, int to) in Pairs().Where(pair => pair.From == node || pair.To == node))
            {
                TcpProxy way = _ways[from, to]!;
                way.RefuseNewConnections = _isolated.Contains(from) || _isolated.Contains(to);
                ways.Add(way);
            }

            return [.. ways];
        }
    }

    private IEnumerable<(int From, int To)> Pairs() =>
        from one in Enumerable.Range(0, Nodes)
        from other in Enumerable.Range(0, Nodes)
        where one != other
        select (one, other);
}
