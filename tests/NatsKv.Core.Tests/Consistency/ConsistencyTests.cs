using System.Globalization;
using NatsKv.TestKit;
using NatsKv.Testing;

namespace NatsKv.Tests.Consistency;

/// <summary>
/// What clients see of a replicated bucket while its leaders are killed and deposed. A leader that is cut off from the others is no part of it: it
/// goes on answering for some seconds, see <see cref="NatsKvReadOptions.FromLeader"/>.
/// </summary>
public sealed class ConsistencyTests
{
    private const int RegisterClients = 8;
    private const int CounterClients = 8;
    private const string Counter = "counter";
    private static readonly string[] Registers = ["register.1", "register.2", "register.3"];

    // Longer than an election takes, so that there is time to find out what became of a write; and one that is much shorter.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Impatience = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan ServersPatience = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LeadersKilledAndDeposed_EveryKeyIsLinearizableAndNoIncrementIsLost()
    {
        int seed = ConsistencySettings.Seed;
        await using NatsCluster cluster = await NatsCluster.StartAsync(ct: Ct);
        var clients = new List<NatsKvClient>();
        try
        {
            INatsKvBucket bucket = await Connect(Patience).CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket", Replicas = 3, History = 64 }, Ct);
            await bucket.PutAsync(Counter, "0", cancellationToken: Ct);
            RegisterClient[] registers = [.. Enumerable.Range(0, RegisterClients).Select(i => new RegisterClient(Bind(i % 2 == 0 ? Patience : Impatience), Bind(Patience), Registers, i, (seed * 1000) + i))];
            CounterClient[] counters = [.. Enumerable.Range(0, CounterClients).Select(i => new CounterClient(Bind(Patience), Counter, (seed * 1000) + i))];
            var trouble = new LeaderTrouble(cluster, "bucket", seed);
            bool isOver = false;

            Task work = Task.WhenAll([.. registers.Select(client => client.RunAsync(() => Volatile.Read(ref isOver), Ct)), .. counters.Select(client => client.RunAsync(() => Volatile.Read(ref isOver), Ct))]);
            await trouble.RunAsync(ConsistencySettings.Total, Ct);
            await Eventually.TrueAsync(() => work.IsFaulted || HasSeenEnough(registers, counters), "enough has been done for a test", 2 * ServersPatience, Ct);
            Volatile.Write(ref isOver, true);
            await work.WaitAsync(ServersPatience, Ct);

            NatsKvEntry? final = null;
            await Eventually.TrueAsync(
                async () => (final = await bucket.GetAsync(Counter, new NatsKvReadOptions { FromLeader = true }, Ct)) is not null, "the counter is read", ServersPatience, Ct);
            Assert.All(Registers, key => CheckRegister(key, [.. registers.SelectMany(client => client.History[key])]));
            CheckCounter(int.Parse(final!.GetString(), CultureInfo.InvariantCulture), counters);
            TestContext.Current.TestOutputHelper?.WriteLine($"Seed {seed}: {trouble.Kills} leaders killed, {trouble.StepDowns} deposed.");
        }
        finally
        {
            foreach (NatsKvClient client in clients)
            {
                await client.DisposeAsync();
            }
        }

        INatsKvBucket Bind(TimeSpan requestTimeout) => Connect(requestTimeout).Bind("bucket");

        NatsKvClient Connect(TimeSpan requestTimeout)
        {
            // Each picks a server at random.
            clients.Add(new NatsKvClient(new NatsKvOptions { Url = cluster.Url, RequestTimeout = requestTimeout, MaxReconnectDelay = TimeSpan.FromMilliseconds(500) }));
            return clients[^1];
        }
    }

    private static bool HasSeenEnough(RegisterClient[] registers, CounterClient[] counters) =>
        counters.Sum(static client => client.Acknowledged) >= 100
        && counters.Sum(static client => client.Lost) >= 100
        && Array.TrueForAll(Enum.GetValues<RegisterOperationKind>(), kind => Array.Exists(registers, client => client.HasDone(operation => operation.Kind == kind && operation.Outcome == RegisterOutcome.Done)));

    private static void CheckRegister(string key, RegisterOperation[] history)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{key}: {history.Length} operations, {string.Join(", ", history.CountBy(static operation => (operation.Kind, operation.Outcome)).Select(static count => $"{count.Key}: {count.Value}"))}");
        IReadOnlyList<string> violations = RegisterChecker.FindViolations(history);
        Assert.True(violations.Count == 0, $"Seed {ConsistencySettings.Seed}, {key}, {violations.Count} violations:\n{string.Join('\n', violations.Take(10))}");
    }

    private static void CheckCounter(int final, CounterClient[] counters)
    {
        int acknowledged = counters.Sum(static client => client.Acknowledged);
        int unknown = counters.Sum(static client => client.Unknown);
        TestContext.Current.TestOutputHelper?.WriteLine($"Counter: {final}, {acknowledged} acknowledged, {unknown} unknown, {counters.Sum(static client => client.Lost)} lost races.");
        Assert.InRange(final, acknowledged, acknowledged + unknown);
    }
}
