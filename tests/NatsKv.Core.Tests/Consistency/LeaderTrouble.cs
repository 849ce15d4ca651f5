using NatsKv.TestKit;
using NatsKv.Testing;
using NatsKv.Tests.Watching.Fire;

namespace NatsKv.Tests.Consistency;

/// <summary>
/// Kills the leader of a bucket and makes others step down, again and again. The next one is not killed before all nodes have everything, so that
/// never more than one lacks an acknowledged write.
/// </summary>
internal sealed class LeaderTrouble(NatsCluster cluster, string bucket, int seed)
{
    private static readonly TimeSpan ServersPatience = TimeSpan.FromSeconds(60);
    private readonly Random _random = new(seed);

    public int Kills { get; private set; }

    public int StepDowns { get; private set; }

    public async Task RunAsync(TimeSpan length, CancellationToken ct)
    {
        long begin = TimeProvider.System.GetTimestamp();
        do
        {
            NatsServer leader = await LeaderOtherThanAsync(null, ct);
            await leader.KillAsync(ct);
            Kills++;
            if (_random.Next(2) == 0)
            {
                await LeaderOtherThanAsync(leader, ct);
            }

            await leader.RestartAsync(ct: ct);
            await WaitUntilWholeAsync(ct);
            await cluster.StepDownStreamLeaderAsync("KV_" + bucket, ct);
            StepDowns++;
            await WaitUntilWholeAsync(ct);
        }
        while (TimeProvider.System.GetElapsedTime(begin) < length);
    }

    private Task<NatsServer> LeaderOtherThanAsync(NatsServer? old, CancellationToken ct) => Eventually.GetAsync(
        async () => await cluster.GetStreamLeaderAsync("KV_" + bucket, ct) is { } leader && leader != old ? leader : null, "the bucket has a leader", ServersPatience, ct);

    private async Task WaitUntilWholeAsync(CancellationToken ct)
    {
        await cluster.WaitUntilReadyAsync(ct);
        await Eventually.TrueAsync(
            async () => await new JetStreamProbe(cluster.Nodes[0]).ReplicasAsync(bucket, ct) is { Leader.Length: > 0, Behind: [] }, "every replica has everything", ServersPatience, ct);
    }
}
