using System.Text.Json;
using NatsKv.TestKit;
using NatsKv.Testing.Monitoring;
using NatsKv.Testing.Tests.Support;

namespace NatsKv.Testing.Tests;

public sealed class NatsClusterTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(NatsServerVersion.Latest)]
    [InlineData(NatsServerVersion.V2_10)]
    [InlineData(NatsServerVersion.V2_9)]
    public async Task StartAsync_EveryLine_TakesAReplicatedStreamAtOnceThroughEveryNode(NatsServerVersion line)
    {
        await using NatsCluster cluster = await StartAsync(line);

        Assert.Equal(3, cluster.Nodes.Count);
        Assert.Equal(3, cluster.Url.Split(',').Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(3, cluster.Nodes.Select(node => node.Name).Distinct(StringComparer.Ordinal).Count());
        for (int index = 0; index < 3; index++)
        {
            await using StreamClient client = await StreamClient.ConnectAsync(cluster.Nodes[index], Ct);
            await client.CreateAsync($"s{index}", 3, Ct);
            Assert.NotEmpty(cluster.Nodes[index].Version);
        }
    }

    [Fact]
    public async Task IsolateAsync_LeaderOfAStream_TheOthersGoOnAndItCatchesUpAfterHealing()
    {
        await using NatsCluster cluster = await StartAsync();
        await using (StreamClient client = await StreamClient.ConnectAsync(cluster.Nodes[0], Ct))
        {
            await client.CreateAsync("s", 3, Ct);

            // The node that leads the stream may not have told the others yet that it listens.
            await Eventually.EqualAsync(1, () => client.PublishAsync("s", Ct), "the first message's number", ct: Ct);
        }

        NatsServer alone = await LeaderAsync(cluster);
        await using StreamClient atAlone = await StreamClient.ConnectAsync(alone, Ct);
        await cluster.IsolateAsync(alone, Ct);

        // Its client is still connected, and gets no acknowledgement, for there is no majority.
        Task<int> unacknowledged = atAlone.PublishAsync("s", Ct);
        NatsServer? leader = null;
        await Eventually.TrueAsync(
            async () => (leader = await cluster.GetStreamLeaderAsync("s", Ct)) is not null && leader != alone, "the others have a leader", TimeSpan.FromSeconds(60), Ct);
        await using (StreamClient client = await StreamClient.ConnectAsync(leader!, Ct))
        {
            await Eventually.TrueAsync(async () => await client.PublishAsync("s", Ct) == 2, "the others acknowledge", ct: Ct);
        }

        Assert.False(unacknowledged.IsFaulted, "The isolated node closed its client's connection.");
        Assert.False(unacknowledged.IsCompleted && await unacknowledged != 0, "The isolated node acknowledged.");
        Assert.Equal(0, await CountRoutesAsync(alone));
        await cluster.HealAsync(alone, Ct);
        await cluster.WaitUntilReadyAsync(Ct);

        await Eventually.EqualAsync(2, () => CountMessagesOnDiskAsync(alone), "messages that the healed node holds itself", ct: Ct);
    }

    [Fact]
    public async Task IsolateAsync_Follower_LeaderKeepsTheOther()
    {
        await using NatsCluster cluster = await StartAsync();
        await using StreamClient client = await StreamClient.ConnectAsync(cluster.Nodes[0], Ct);
        await client.CreateAsync("s", 3, Ct);
        NatsServer leader = await LeaderAsync(cluster);
        NatsServer follower = cluster.Nodes.First(node => node != leader);

        await cluster.IsolateAsync(follower, Ct);

        await using StreamClient atLeader = await StreamClient.ConnectAsync(leader, Ct);
        await Eventually.TrueAsync(async () => await atLeader.PublishAsync("s", Ct) > 0, "two of three acknowledge", ct: Ct);
        Assert.NotSame(follower, await LeaderAsync(cluster));
        foreach (NatsServer other in cluster.Nodes.Where(node => node != follower))
        {
            Assert.Equal(1, await CountRoutesAsync(other));
        }

        await cluster.HealAsync(follower, Ct);
        await Eventually.EqualAsync(1, () => CountMessagesOnDiskAsync(follower), "messages that the healed node holds itself", ct: Ct);
    }

    [Fact]
    public async Task StepDownStreamLeaderAsync_Led_AnotherNodeLeads()
    {
        await using NatsCluster cluster = await StartAsync();
        await using StreamClient client = await StreamClient.ConnectAsync(cluster.Nodes[0], Ct);
        await client.CreateAsync("s", 3, Ct);
        NatsServer old = await LeaderAsync(cluster);

        NatsServer leader = await cluster.StepDownStreamLeaderAsync("s", Ct);

        Assert.NotSame(old, leader);
        Assert.Contains(leader, cluster.Nodes);
    }

    [Fact]
    public async Task GetStreamLeaderAsync_NoSuchStream_Throws()
    {
        await using NatsCluster cluster = await StartAsync();

        // No node may answer in time, which is told otherwise: as a stream without a leader.
        Exception? error = null;
        await Eventually.TrueAsync(
            async () => (error = await Record.ExceptionAsync(() => cluster.GetStreamLeaderAsync("missing", Ct))) is not null, "it is told that there is no such stream", ct: Ct);
        Assert.IsType<InvalidOperationException>(error);
    }

    [Fact]
    public async Task Node_KilledAndRestarted_Rejoins()
    {
        await using NatsCluster cluster = await StartAsync();
        string url = cluster.Url;

        await cluster.Nodes[1].KillAsync(Ct);
        await cluster.WaitUntilReadyAsync(Ct);
        await cluster.Nodes[1].RestartAsync(ct: Ct);
        await cluster.WaitUntilReadyAsync(Ct);

        Assert.Equal(url, cluster.Url);
        Assert.Equal(2, await CountRoutesAsync(cluster.Nodes[1]));
    }

    [Fact]
    public async Task StartAsync_OptionsOfOneNodeOnly_Throws()
    {
        var options = new NatsClusterOptions();
        options.Server.Port = 4222;
        await Assert.ThrowsAsync<ArgumentException>(() => NatsCluster.StartAsync(options, Ct));
    }

    private static Task<NatsCluster> StartAsync(NatsServerVersion line = NatsServerVersion.Latest)
    {
        var options = new NatsClusterOptions();
        options.Server.ServerVersion = line;
        return NatsCluster.StartAsync(options, Ct);
    }

    private static Task<NatsServer> LeaderAsync(NatsCluster cluster) =>
        Eventually.GetAsync(() => cluster.GetStreamLeaderAsync("s", Ct), "the stream's leader", ct: Ct);

    private static async Task<int> CountRoutesAsync(NatsServer node)
    {
        using var monitoring = new MonitoringClient();
        using JsonDocument routez = await monitoring.GetAsync($"{node.MonitoringUrl}/routez", Ct);
        return routez.RootElement.GetProperty("routes").EnumerateArray().Select(route => route.GetProperty("remote_id").GetString()).Distinct(StringComparer.Ordinal).Count();
    }

    private static async Task<int> CountMessagesOnDiskAsync(NatsServer node)
    {
        using var monitoring = new MonitoringClient();
        using JsonDocument jsz = await monitoring.GetAsync($"{node.MonitoringUrl}/jsz?accounts=true&streams=true", Ct);
        return jsz.RootElement.GetProperty("account_details")[0].GetProperty("stream_detail")[0].GetProperty("state").GetProperty("messages").GetInt32();
    }
}
