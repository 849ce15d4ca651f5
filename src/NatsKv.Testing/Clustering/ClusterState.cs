using System.Text.Json;
using NatsKv.Testing.Monitoring;

namespace NatsKv.Testing.Clustering;

/// <summary>What the nodes' monitoring endpoints tell of the cluster.</summary>
internal sealed class ClusterState(MonitoringClient monitoring)
{
    /// <summary>The meta leader that a node follows, or <see langword="null"/> while it knows none.</summary>
    public async Task<string?> TryGetMetaLeaderAsync(NatsServer node, CancellationToken ct)
    {
        using JsonDocument? jsz = await TryGetAsync($"{node.MonitoringUrl}/jsz", ct).ConfigureAwait(false);
        return jsz is not null && jsz.RootElement.TryGetProperty("meta_cluster", out JsonElement meta) &&
            meta.TryGetProperty("leader", out JsonElement leader) && leader.GetString() is { Length: > 0 } name
                ? name
                : null;
    }

    /// <summary>How many other nodes the meta leader sees, alive and up to date.</summary>
    public async Task<int> CountCurrentFollowersAsync(NatsServer metaLeader, CancellationToken ct)
    {
        using JsonDocument? jsz = await TryGetAsync($"{metaLeader.MonitoringUrl}/jsz", ct).ConfigureAwait(false);
        return jsz is not null && jsz.RootElement.TryGetProperty("meta_cluster", out JsonElement meta) &&
            meta.TryGetProperty("replicas", out JsonElement replicas)
                ? replicas.EnumerateArray().Count(IsCurrent)
                : 0;
    }

    /// <summary>How many other nodes a node is connected to.</summary>
    public async Task<int> CountPeersAsync(NatsServer node, CancellationToken ct)
    {
        using JsonDocument? routez = await TryGetAsync($"{node.MonitoringUrl}/routez", ct).ConfigureAwait(false);

        // Between two nodes there are several connections.
        return routez is null
            ? -1
            : routez.RootElement.GetProperty("routes").EnumerateArray()
                .Select(route => route.GetProperty("remote_id").GetString())
                .Distinct(StringComparer.Ordinal)
                .Count();
    }

    private static bool IsCurrent(JsonElement replica) =>
        replica.TryGetProperty("current", out JsonElement current) && current.GetBoolean() &&
        !(replica.TryGetProperty("offline", out JsonElement offline) && offline.GetBoolean());

    private async Task<JsonDocument?> TryGetAsync(string url, CancellationToken ct)
    {
        try
        {
            return await monitoring.GetAsync(url, ct).ConfigureAwait(false);
        }
        catch (Exception error) when (error is HttpRequestException || (error is OperationCanceledException && !ct.IsCancellationRequested))
        {
            // It is down, or stands still for longer than the client waits for one answer.
            return null;
        }
    }
}
