using NatsKv.TestKit;
using NatsKv.Testing;

namespace NatsKv.Tests.Watching.Fire;

/// <summary>The servers, the bucket and the watch's connection, and what can be done to them.</summary>
internal sealed class FireStage : IAsyncDisposable
{
    public const string Bucket = "fire";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan CatchUpPatience = TimeSpan.FromSeconds(15);

    // To lose a marker takes a key that the watch has long known, so these are put long before.
    private const int LostKeys = 3;

    private readonly NatsCluster? _cluster;
    private readonly NatsServer[] _nodes;
    private readonly NatsKvClient _admin;
    private readonly NatsKvBucketConfig _config;
    private readonly CancellationToken _ct;
    private int _lost;

    private FireStage(NatsCluster? cluster, NatsServer[] nodes, TcpProxy proxy, int history, CancellationToken ct)
    {
        (_cluster, _nodes, Proxy, _ct) = (cluster, nodes, proxy, ct);
        Url = string.Join(',', nodes.Select(static node => node.Url));
        _admin = new NatsKvClient(new NatsKvOptions { Url = Url });
        _config = new NatsKvBucketConfig { Bucket = Bucket, History = history, LimitMarkerTtl = TimeSpan.FromSeconds(1), Replicas = nodes.Length };
    }

    /// <summary>The addresses of all servers.</summary>
    public string Url { get; }

    /// <summary>What stands between the watch and its server, which is the first one.</summary>
    public TcpProxy Proxy { get; }

    public JetStreamProbe Probe => new(_nodes[0]);

    public static async Task<FireStage> StartAsync(bool isCluster, int history, CancellationToken ct)
    {
        NatsCluster? cluster = isCluster ? await NatsCluster.StartAsync(ct: ct) : null;
        NatsServer[] nodes = cluster is null ? [await NatsServer.StartAsync(ct: ct)] : [.. cluster.Nodes];
        var stage = new FireStage(cluster, nodes, await TcpProxy.StartAsync("127.0.0.1", nodes[0].Port, ct: ct), history, ct);
        await stage.MakeBucketAsync();
        return stage;
    }

    public async Task PerformAsync(FireStep step, FireLedger ledger, FireView view)
    {
        switch (step.Kind)
        {
            case FireStepKind.Cut:
                await Proxy.CutAsync();
                break;
            case FireStepKind.CutFor:
                await WhileCutAsync(() => Task.Delay(step.Length, _ct));
                break;
            case FireStepKind.Stall:
                Proxy.Stall(TcpProxyDirection.ServerToClient);
                await Task.Delay(step.Length, _ct);
                Proxy.Resume();
                break;
            case FireStepKind.Swallow:
                Proxy.Swallow(TcpProxyDirection.ServerToClient);
                await Task.Delay(step.Length, _ct);
                Proxy.Resume();
                break;
            case FireStepKind.Pause:
                _nodes[0].Pause();
                await Task.Delay(step.Length, _ct);
                _nodes[0].Resume();
                break;
            case FireStepKind.Kill:
                await KillAsync(await ChooseAsync(step.Pick), step.Length, ledger);
                break;
            case FireStepKind.Restart:
                await RestartAsync(await ChooseAsync(step.Pick), step.Length);
                break;
            case FireStepKind.Wipe:
                await _nodes[0].StopAsync(_ct);
                BeginAnew(ledger, view);
                await _nodes[0].RestartAsync(wipeStore: true, _ct);
                await Task.Delay(step.Length, _ct);
                await MakeBucketAsync();
                break;
            case FireStepKind.SetBack:
                await SetBackAsync(step.Length, ledger);
                break;
            case FireStepKind.Recreate:
                await TryUntilAsync(async () => await _admin.DeleteBucketAsync(Bucket, _ct), "the bucket is deleted");
                BeginAnew(ledger, view);
                await Task.Delay(step.Length, _ct);
                await MakeBucketAsync();
                break;
            case FireStepKind.PurgeAll:
                await PurgeAsync(null, ledger);
                await PutLostKeysAsync();
                break;
            case FireStepKind.PurgeSome:
                await PurgeAsync("quiet.a.>", ledger);
                break;
            case FireStepKind.LoseMarkers:
                await WhileCutAsync(() => LoseMarkersAsync(step.Length, ledger));
                await PutLostKeysAsync();
                break;
            case FireStepKind.DeleteConsumer:
                await TryUntilAsync(() => Probe.DeleteConsumersAsync(Bucket, _ct), "the consumers are deleted");
                break;
            case FireStepKind.StepDown:
                await TryUntilAsync(() => _cluster!.StepDownStreamLeaderAsync("KV_" + Bucket, _ct), "the leader steps down");
                break;
            case FireStepKind.IsolateOurs:
                await IsolateAsync(_nodes[0], step.Length);
                break;
            case FireStepKind.IsolateLeader:
                await IsolateAsync(await ChooseAsync(1), step.Length);
                break;
        }
    }

    /// <summary>
    /// Waits until all replicas are up to date. One that the servers can't bring up to date ("Expected first catchup entry to be a snapshot and
    /// peerstate", for ever, in 2.15.1) begins anew with an empty store, as its operator would have it.
    /// </summary>
    public async Task MakeWholeAsync()
    {
        if (_cluster is null)
        {
            return;
        }

        try
        {
            await AllAreCurrentAsync(CatchUpPatience);
        }
        catch (TimeoutException)
        {
            // More than one would take the data along.
            if (await BehindAsync() is [NatsServer behind])
            {
                await behind.RestartAsync(wipeStore: true, _ct);
            }

            await _cluster.WaitUntilReadyAsync(_ct);
            await AllAreCurrentAsync(Patience);
        }
    }

    /// <summary>The ends of the servers' logs, for a failure's message.</summary>
    public string Logs() => string.Join('\n', _nodes.Select(static node => $"--- {node.Name}\n{string.Join('\n', File.ReadLines(node.LogFile).TakeLast(12))}"));

    public async ValueTask DisposeAsync()
    {
        await _admin.DisposeAsync();
        await Proxy.DisposeAsync();
        await (_cluster?.DisposeAsync() ?? _nodes[0].DisposeAsync());
    }

    // Ours, the stream's leader, or any other.
    private async Task<NatsServer> ChooseAsync(int pick)
    {
        NatsServer? leader = _cluster is null || pick == 0 ? null : await _cluster.GetStreamLeaderAsync("KV_" + Bucket, _ct);
        return pick == 1 ? leader ?? _nodes[0] : _nodes.LastOrDefault(node => node != leader && pick != 0) ?? _nodes[0];
    }

    private async Task KillAsync(NatsServer node, TimeSpan length, FireLedger ledger)
    {
        await node.KillAsync(_ct);

        // The last writes may not have reached its disk.
        ledger.BeginEra(null);
        await Task.Delay(length, _ct);
        await BackAsync(node);
    }

    private async Task RestartAsync(NatsServer node, TimeSpan length)
    {
        await node.StopAsync(_ct);
        await Task.Delay(length, _ct);
        await BackAsync(node);
    }

    private async Task BackAsync(NatsServer node)
    {
        await node.RestartAsync(ct: _ct);
        await (_cluster?.WaitUntilReadyAsync(_ct) ?? Task.CompletedTask);
    }

    private async Task SetBackAsync(TimeSpan length, FireLedger ledger)
    {
        NatsServer server = _nodes[0];
        string copy = Directory.CreateTempSubdirectory("natskv-fire-").FullName;
        await server.StopAsync(_ct);
        CopyFolder(server.StoreDirectory, copy);
        await server.RestartAsync(ct: _ct);
        await Task.Delay(length, _ct);
        await server.StopAsync(_ct);
        ledger.BeginEra(null);
        Directory.Delete(server.StoreDirectory, recursive: true);
        CopyFolder(copy, server.StoreDirectory);
        Directory.Delete(copy, recursive: true);
        await server.RestartAsync(ct: _ct);
    }

    private async Task IsolateAsync(NatsServer node, TimeSpan length)
    {
        await _cluster!.IsolateAsync(node, _ct);
        await Task.Delay(length, _ct);
        await _cluster.HealAsync(node, _ct);
    }

    private async Task WhileCutAsync(Func<Task> action)
    {
        Proxy.RefuseNewConnections = true;
        await Proxy.CutAsync();
        await action();
        Proxy.RefuseNewConnections = false;
    }

    private async Task LoseMarkersAsync(TimeSpan length, FireLedger ledger)
    {
        INatsKvBucket bucket = _admin.Bind(Bucket);
        for (int i = _lost; i < _lost + LostKeys; i++)
        {
            await TryUntilAsync(async () => await bucket.DeleteAsync($"lost.{i}", cancellationToken: _ct), "a key is deleted");
            await PurgeAsync($"lost.{i}", ledger);
        }

        _lost += LostKeys;
        await Task.Delay(length, _ct);
    }

    // What is purged before it was handed over need not be handed over, so what was acknowledged until now counts no more.
    private async Task PurgeAsync(string? key, FireLedger ledger)
    {
        await TryUntilAsync(
            async () => Assert.True((await Probe.PurgeAsync(Bucket, key, _ct)).TryGetProperty("success", out _)), "messages are purged");
        ledger.BeginEra(null);
    }

    private async Task MakeBucketAsync()
    {
        await TryUntilAsync(async () => await _admin.CreateBucketAsync(_config, _ct), "the bucket is made");
        await PutLostKeysAsync();
    }

    private async Task PutLostKeysAsync()
    {
        for (int i = _lost; i < _lost + LostKeys; i++)
        {
            await TryUntilAsync(async () => await _admin.Bind(Bucket).PutAsync($"lost.{i}", "lost", cancellationToken: _ct), "a key is put");
        }
    }

    private Task AllAreCurrentAsync(TimeSpan patience) =>
        Eventually.EqualAsync("", async () => string.Join(' ', (await BehindAsync()).Select(static node => node.Name)), "replicas that are behind", patience, _ct);

    // What most nodes say is so: one that is stuck may take itself for the leader.
    private async Task<NatsServer[]> BehindAsync()
    {
        (string Leader, string[] Behind)?[] views = await Task.WhenAll(_nodes.Select(node => new JetStreamProbe(node).ReplicasAsync(Bucket, _ct)));
        string? leader = views.Where(static view => view is not null).GroupBy(static view => view!.Value.Leader, StringComparer.Ordinal).MaxBy(static group => group.Count())?.Key;
        return leader is null ? _nodes : [.. _nodes.Where((node, i) =>
            views[i]?.Leader != leader || views.Any(view => view?.Leader == leader && view.Value.Behind.Contains(node.Name, StringComparer.Ordinal)))];
    }

    private Task TryUntilAsync(Func<Task> action, string what) => Eventually.TrueAsync(
        async () =>
        {
            await action();
            return true;
        },
        what,
        Patience,
        _ct);

    private static void BeginAnew(FireLedger ledger, FireView view) => ledger.BeginEra(view.HoldsAnything ? view.Resets : null);

    private static void CopyFolder(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
