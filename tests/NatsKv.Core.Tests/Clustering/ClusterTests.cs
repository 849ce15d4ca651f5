using NatsKv.TestKit;
using NatsKv.Testing;
using NatsKv.Tests.Buckets.LostWrites;
using NatsKv.Tests.Watching;

namespace NatsKv.Tests.Clustering;

/// <summary>A replicated bucket on three nodes that change roles and die.</summary>
public sealed class ClusterTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReplicatedBucket_RolesChangeAndTheConnectedNodeDies_NothingIsLost()
    {
        await using NatsCluster cluster = await NatsCluster.StartAsync(ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = cluster.Url, RequestTimeout = TimeSpan.FromSeconds(10) });
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "config", Replicas = 3 }, Ct);
        await ShowStatusAsync(cluster, bucket);
        await WriteAndCompareAndSetAsync(bucket);
        await LoseRacesAsync(bucket);
        await LoseRequestsAndAnswersAsync(client, cluster.Nodes[0]);
        await using WatchReader watch = new(bucket.WatchAsync(new NatsKvWatchOptions { Filters = ["watched.>"], IdleHeartbeat = TimeSpan.FromSeconds(1) }, Ct));
        Assert.Equal(["complete"], await watch.ReadAsync(1));

        await PutAllAsync(bucket, 0, 20);
        await cluster.StepDownStreamLeaderAsync("KV_config", Ct);
        await PutAllAsync(bucket, 20, 40);
        NatsServer connected = cluster.Nodes.Single(node => string.Equals(node.Name, client.Server!.Name, StringComparison.Ordinal));
        await connected.KillAsync(Ct);
        await PutAllAsync(bucket, 40, 60);

        // A write whose acknowledgement was lost is written again, so a value may come twice; it never comes late or not at all.
        var seen = new List<int>();
        while (seen.Count == 0 || seen[^1] < 59)
        {
            seen.Add(int.Parse((await watch.NextAsync($"an entry after {seen.LastOrDefault()}")).Entry!.GetString(), System.Globalization.CultureInfo.InvariantCulture));
        }

        Assert.Equal(Enumerable.Range(0, 60).ToArray(), seen.Distinct().ToArray());
        Assert.Equal(seen.Order().ToArray(), seen.ToArray());
        Assert.NotEqual(connected.Name, client.Server!.Name, StringComparer.Ordinal);
    }

    private static async Task LoseRequestsAndAnswersAsync(NatsKvClient client, NatsServer node)
    {
        foreach (int history in (int[])[1, 64])
        {
            INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = $"lossy-{history}", Replicas = 3, History = history }, Ct);
            await LostWriteStory.PlayAsync(node, bucket);
            await using LossyLink link = await LossyLink.OpenAsync(node, bucket.Name);
            try
            {
                NatsKvWriteResult hidden = await new LostWriteStory(link, bucket).RequestLostAndOverwrittenBlindlyAsync();
                Assert.False(hidden.IsStored);
            }
            catch (NatsKvOutcomeUnknownException) when (history == 1)
            {
                // What was overwritten is not kept, and several servers may forget an id.
            }
        }
    }

    private static async Task ShowStatusAsync(NatsCluster cluster, INatsKvBucket bucket)
    {
        NatsKvBucketStatus status = await Eventually.GetAsync(
            async () => await bucket.GetStatusAsync(Ct) is { Leader: not null, Replicas: { Count: 2 } replicas } complete
                && replicas.All(static replica => replica is { IsCurrent: true, IsOffline: false, Lag: 0 }) ? complete : null,
            "both replicas are up to date",
            TimeSpan.FromSeconds(30),
            Ct);
        Assert.Equal(
            cluster.Nodes.Select(static node => node.Name).Order(StringComparer.Ordinal),
            status.Replicas.Select(static replica => replica.Name).Append(status.Leader!).Order(StringComparer.Ordinal));
        Assert.All(status.Replicas, static replica => Assert.InRange(replica.LastHeard, TimeSpan.Zero, TimeSpan.FromMinutes(10)));
        Assert.Empty(status.Alternates);

        await using var raw = new RawApi(cluster.Url);
        await raw.AskAsync("STREAM.CREATE.KV_mirror", """{ "name": "KV_mirror", "storage": "memory", "max_msgs_per_subject": 1, "mirror": { "name": "KV_config" } }""");
        IReadOnlyList<NatsKvAlternate> alternates = await Eventually.GetAsync(
            async () => (await bucket.GetStatusAsync(Ct)).Alternates is { Count: > 0 } some ? some : null, "the mirror is an alternate", TimeSpan.FromSeconds(30), Ct);
        Assert.Equal(["KV_config", "KV_mirror"], alternates.Select(static alternate => alternate.Stream).Order(StringComparer.Ordinal));
        Assert.All(alternates, static alternate => Assert.NotNull(alternate.Cluster));
    }

    private static async Task WriteAndCompareAndSetAsync(INatsKvBucket bucket)
    {
        ulong first = await bucket.PutAsync("key", "1", cancellationToken: Ct);
        ulong second = await bucket.UpdateAsync("key", "2", first, cancellationToken: Ct);

        NatsKvRevisionMismatchException thrown = await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(
            async () => await bucket.UpdateAsync("key", "3", first, cancellationToken: Ct));

        Assert.Equal(first, thrown.ExpectedRevision);
        Assert.True(thrown.ActualRevision is null || thrown.ActualRevision == second);
        Assert.Equal("2", (await bucket.GetAsync("key", new NatsKvReadOptions { FromLeader = true }, Ct))!.GetString());
    }

    // Under concurrent writes the leader refuses with another code, and without the number.
    private static async Task LoseRacesAsync(INatsKvBucket bucket)
    {
        var actual = new List<ulong?>();
        for (int round = 0; round < 20; round++)
        {
            ulong expected = await bucket.PutAsync("raced", "x", cancellationToken: Ct);
            Task<ulong>[] updates = [.. Enumerable.Range(0, 8).Select(i => bucket.UpdateAsync("raced", $"{i}", expected, cancellationToken: Ct).AsTask())];
            await ((Task)Task.WhenAll(updates)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            Assert.Equal(1, updates.Count(static update => update.IsCompletedSuccessfully));
            actual.AddRange(updates.Where(static update => update.IsFaulted)
                .Select(static update => Assert.IsType<NatsKvRevisionMismatchException>(Assert.Single(update.Exception!.InnerExceptions)).ActualRevision));
        }

        Assert.Equal(20 * 7, actual.Count);
        Assert.Contains(null, actual);
    }

    private static async Task PutAllAsync(INatsKvBucket bucket, int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            await Eventually.GetAsync<object>(async () => await bucket.PutAsync($"watched.{i}", $"{i}", cancellationToken: Ct), $"value {i} is written", TimeSpan.FromSeconds(60), Ct);
        }
    }
}
