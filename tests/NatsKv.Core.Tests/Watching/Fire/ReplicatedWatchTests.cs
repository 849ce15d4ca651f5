using System.Globalization;
using NatsKv.TestKit;
using NatsKv.Testing;

namespace NatsKv.Tests.Watching.Fire;

/// <summary>A watch on a replicated bucket whose nodes change roles, die and come back.</summary>
public sealed class ReplicatedWatchTests(Cluster cluster) : IClassFixture<Cluster>
{
    private static readonly TimeSpan IdleHeartbeat = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ServersPatience = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TheConsumersNodeDiesWhileOursLives_NothingIsMissed()
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await cluster.NewBucketAsync();
        await using NatsKvClient _ = writer;
        NatsServer leader = await cluster.LeaderAsync(bucket);
        await using NatsKvClient client = Cluster.NewClient(leader);
        NatsServer? consumers = null;
        (INatsKvWatch watch, FireView view) = await cluster.StartWatchAsync(client.Bind(bucket.Name), IdleHeartbeat, node => (consumers = node) != leader);
        await using INatsKvWatch running = watch;
        await Cluster.PutAsync(bucket, "before", "1");

        await consumers!.KillAsync(Ct);
        ulong revision = await Cluster.PutAsync(client.Bind(bucket.Name), "after", "2");

        await watch.WaitForRevisionAsync(revision, Ct).AsTask().WaitAsync(ServersPatience, Ct);
        await consumers.RestartAsync(ct: Ct);
        Assert.Equal(["after", "before"], view.Live().Keys.Order());
        Assert.Equal(leader.Name, client.Server!.Name);
        Assert.Equal(0, view.Resets);
        Assert.Empty(view.Broken);
    }

    [Fact]
    public async Task LeadersStepDownUnderWrites_NothingIsMissedNorReset()
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await cluster.NewBucketAsync();
        await using NatsKvClient _ = writer;
        var view = new FireView();
        await using INatsKvWatch watch = bucket.StartWatch(view, new NatsKvWatchOptions { IdleHeartbeat = IdleHeartbeat });
        await watch.WaitForStateAsync(NatsKvWatchState.Following, Ct);

        ulong last = 0;
        for (int round = 0; round < 4; round++)
        {
            Task<NatsServer> stepDown = cluster.Servers.StepDownStreamLeaderAsync("KV_" + bucket.Name, Ct);
            for (int i = 0; i < 50 || !stepDown.IsCompleted; i++)
            {
                last = await Cluster.PutAsync(bucket, $"key.{round}.{i}", "x");
            }

            await stepDown;
        }

        await watch.WaitForRevisionAsync(last, Ct).AsTask().WaitAsync(ServersPatience, Ct);

        // A put without an answer was sent again, and the first may be stored after the second; nor need there be a leader just now.
        var probe = new JetStreamProbe(cluster.Servers.Nodes[0]);
        await Eventually.EqualAsync(
            "",
            async () =>
            {
                string[] stored = [.. (await probe.ReadAllAsync(bucket.Name, Ct)).Select(static pair => $"{pair.Key}@{pair.Value.Revision} x")];
                string[] seen = [.. view.Live().Select(static pair => pair.Key + pair.Value)];
                return string.Join("; ", stored.Except(seen).Concat(seen.Except(stored)));
            },
            "what only the bucket or only the view holds",
            ServersPatience,
            Ct);
        Assert.Equal(0, view.Resets);
        Assert.Empty(view.Broken);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task UpdatesOnlyOrEmpty_AcrossStepDownAndRestart_GivesWhatComesAfterAndNothingElse(bool updatesOnly)
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await cluster.NewBucketAsync();
        await using NatsKvClient _ = writer;
        if (updatesOnly)
        {
            await Cluster.PutAsync(bucket, "old.1", "1");
            await Cluster.PutAsync(bucket, "old.2", "2");

            // To one that lags behind these are still to come.
            var probe = new JetStreamProbe(cluster.Servers.Nodes[0]);
            await Eventually.TrueAsync(async () => (await probe.ReplicasAsync(bucket.Name, Ct))?.Behind is [], "all replicas are up to date", ServersPatience, Ct);
        }

        NatsServer ours = cluster.Servers.Nodes[0];
        await using NatsKvClient client = Cluster.NewClient(ours);
        var view = new FireView();
        await using INatsKvWatch watch =
            client.Bind(bucket.Name).StartWatch(view, new NatsKvWatchOptions { IdleHeartbeat = IdleHeartbeat, UpdatesOnly = updatesOnly });
        await watch.WaitForStateAsync(NatsKvWatchState.Following, Ct);

        await cluster.Servers.StepDownStreamLeaderAsync("KV_" + bucket.Name, Ct);
        await ours.KillAsync(Ct);
        await Eventually.TrueAsync(() => watch.State != NatsKvWatchState.Following, "the death is noticed", ct: Ct);
        ulong meanwhile = await Cluster.PutAsync(bucket, "new.1", "3");
        await ours.RestartAsync(ct: Ct);
        await watch.WaitForRevisionAsync(meanwhile, Ct).AsTask().WaitAsync(ServersPatience, Ct);
        await cluster.Servers.StepDownStreamLeaderAsync("KV_" + bucket.Name, Ct);
        ulong after = await Cluster.PutAsync(bucket, "new.2", "4");
        await watch.WaitForRevisionAsync(after, Ct).AsTask().WaitAsync(ServersPatience, Ct);

        Assert.Equal(["new.1", "new.2"], view.Live().Keys.Order());
        Assert.True(view.IsComplete);
        Assert.Equal(0, view.Resets);
        Assert.Empty(view.Broken);
    }

    [Fact]
    public async Task AReplicaLagsBehind_TheInitialDataHoldsAllThatWasAcknowledgedBefore()
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await cluster.NewBucketAsync();
        await using NatsKvClient _ = writer;
        NatsServer leader = await cluster.LeaderAsync(bucket);
        NatsServer[] followers = [.. cluster.Servers.Nodes.Where(node => node != leader)];
        await using NatsKvClient client = new(new NatsKvOptions { Url = leader.Url, RequestTimeout = TimeSpan.FromSeconds(20) });
        string value = new('v', 1000);
        int keys = 0;
        for (int round = 0; round < 3; round++)
        {
            // Consumers that are put on the one that stands still are made while it begins to catch up, and have little to give at first.
            NatsServer behind = followers[round % followers.Length];
            Task watches;
            behind.Pause();
            try
            {
                int next = keys;
                keys += 2000;
                await Task.WhenAll(Enumerable.Range(next, 2000).Select(i => Cluster.PutAsync(client.Bind(bucket.Name), $"key.{i}", value)));
                watches = Task.WhenAll(Enumerable.Range(0, 6).Select(i => CountAsync(client.Bind(bucket.Name), $"round {round}, watch {i}", keys)));
                await Task.WhenAny(watches, Task.Delay(500, Ct));
            }
            finally
            {
                behind.Resume();
            }

            await watches;
        }
    }

    [Fact]
    public async Task AReplicaLagsBehindRemovalsWithoutAMarker_NoViewKeepsWhatTheLeaderHasNot()
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await cluster.NewBucketAsync();
        await using NatsKvClient _ = writer;
        NatsServer leader = await cluster.LeaderAsync(bucket);
        NatsServer behind = cluster.Servers.Nodes.First(node => node != leader);
        await using NatsKvClient client = new(new NatsKvOptions { Url = leader.Url, RequestTimeout = TimeSpan.FromSeconds(20) });
        INatsKvBucket handle = client.Bind(bucket.Name);
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => Cluster.PutAsync(handle, $"key.{i % 2}.{i}", "x")));
        var probe = new JetStreamProbe(leader);
        await Eventually.TrueAsync(async () => (await probe.ReplicasAsync(bucket.Name, Ct))?.Behind is [], "all replicas are up to date", ServersPatience, Ct);

        var views = new List<(INatsKvWatch Watch, FireView View)>();
        behind.Pause();
        try
        {
            Assert.True((await probe.PurgeAsync(bucket.Name, "key.0.>", Ct)).TryGetProperty("success", out System.Text.Json.JsonElement _));
            await Cluster.PutAsync(handle, "last", "x");
            for (int i = 0; i < 6; i++)
            {
                var view = new FireView();
                views.Add((handle.StartWatch(view, new NatsKvWatchOptions { IdleHeartbeat = IdleHeartbeat }), view));
            }

            await Task.Delay(500, Ct);
        }
        finally
        {
            behind.Resume();
        }

        foreach ((INatsKvWatch watch, FireView view) in views)
        {
            await Eventually.EqualAsync(
                $"{NatsKvWatchState.Following} 501",
                () => watch.State == NatsKvWatchState.Following ? $"{watch.State} {view.Live().Count}" : $"{watch.Status} {view.Live().Count}",
                "the view",
                ServersPatience,
                Ct);
            Assert.Empty(view.Broken);
            await watch.DisposeAsync();
        }
    }

    // A put that was sent twice overwrites itself, and a replica that lags behind gives both revisions: keys are counted, not entries.
    private static async Task CountAsync(INatsKvBucket bucket, string what, int expected)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        ulong last = 0;
        await foreach (NatsKvWatchEvent item in bucket.WatchAsync(new NatsKvWatchOptions { HeadersOnly = true, IdleHeartbeat = IdleHeartbeat }, Ct))
        {
            if (item.Kind == NatsKvWatchEventKind.InitialDataComplete)
            {
                break;
            }

            if (item.Kind == NatsKvWatchEventKind.Reset)
            {
                seen.Clear();
                last = 0;
                continue;
            }

            Assert.True(item.Entry!.Revision > last, $"{what}: {item.Entry.Revision} after {last}");
            last = item.Entry.Revision;
            seen.Add(item.Entry.Key);
        }

        Assert.Equal(what + ": " + expected.ToString(CultureInfo.InvariantCulture), what + ": " + seen.Count.ToString(CultureInfo.InvariantCulture));
    }
}
