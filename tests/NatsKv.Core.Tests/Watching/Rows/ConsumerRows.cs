using System.Text.Json;
using NatsKv.TestKit;
using NatsKv.Testing;
using NatsKv.Tests.Connection;

namespace NatsKv.Tests.Watching.Rows;

/// <summary>W23: the ordered push consumer underneath.</summary>
public sealed class ConsumerRows(ServerVersions servers) : RowTests(servers)
{
    private const int Count = 400;

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W23_FlowControl_IsAnsweredOnceWhatCameBeforeHasBeenTaken(NatsServerVersion version)
    {
        NatsServer server = await Servers.GetAsync(version);
        INatsKvBucket bucket = await NewLargeBucketAsync(await NewBucketAsync(version));
        RecordingTransport? transport = null;

        // By a clock that stands still no silence is ever too long.
        NatsKvClient client = Own(new NatsKvClient(
            new NatsKvOptions { Url = server.Url, TransportFactory = context => transport = new RecordingTransport(context) }, timeProvider: new ManualTimeProvider()));
        WatchReader watch = Watch(client.Bind(bucket.Name), new NatsKvWatchOptions { IdleHeartbeat = TimeSpan.FromMilliseconds(100) });
        await watch.NextAsync();

        // The server waits now, and says in its heartbeats what for.
        long before = await SentAsync(server);
        await Eventually.TrueAsync(async () => await SentAsync(server) >= before + 5, "heartbeats", ct: Ct);
        await client.PingAsync(Ct);
        Assert.Equal(0, transport!.Count("$JS.FC."));

        for (int i = 1; i < Count; i++)
        {
            Assert.Equal($"key.{i}", (await watch.NextAsync()).Entry!.Key);
        }

        Assert.Equal(["complete"], await watch.ReadAsync(1));
        Assert.InRange(transport.Count("$JS.FC."), 1, Count);
        Assert.Equal(1, transport.Count("CONSUMER.CREATE"));
    }

    [Fact]
    public async Task W23_LongerSubjectsOfNewerServers_AreUnderstood()
    {
        await using NatsServer server = await NatsServer.StartAsync(new NatsServerOptions { ExtraConfiguration = "feature_flags { js_ack_fc_v2: true }" }, Ct);
        RecordingTransport? transport = null;
        await using var client = new NatsKvClient(
            new NatsKvOptions { Url = server.Url, TransportFactory = context => transport = new RecordingTransport(context) });
        INatsKvBucket bucket = await NewLargeBucketAsync(
            await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket", Storage = NatsKvStorage.Memory }, Ct));
        await using WatchReader watch = new(bucket.WatchAsync(cancellationToken: Ct));

        for (int i = 0; i < Count; i++)
        {
            NatsKvEntry entry = (await watch.NextAsync()).Entry!;
            Assert.Equal(($"key.{i}", (ulong)i + 1, (ulong)(Count - i - 1)), (entry.Key, entry.Revision, entry.Delta));
        }

        Assert.Equal(["complete"], await watch.ReadAsync(1));

        // '$JS.FC.', domain, account, stream: proof that the server does what it was told to.
        Assert.Contains(transport!.Subjects, static subject => subject.StartsWith("$JS.FC._.", StringComparison.Ordinal) && subject.Contains(".KV_bucket.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task W23_SomethingThatNoConsumerSends_EndsTheConsumerAndNotTheWatch()
    {
        NatsServer server = await Servers.GetAsync(NatsServerVersion.Latest);

        // With a history of one, the next consumer may find only the last of the revisions.
        INatsKvBucket bucket = await NewBucketAsync(change: static config => config with { History = 5 });
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        RecordingTransport? transport = null;
        NatsKvClient client = Own(new NatsKvClient(new NatsKvOptions { Url = server.Url, TransportFactory = context => transport = new RecordingTransport(context) }));
        var seen = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var interruptions = new System.Collections.Concurrent.ConcurrentQueue<Exception>();
        INatsKvWatch watch = Own(client.Bind(bucket.Name).StartWatch(new RecordingHandler(entry => seen.Enqueue(entry.GetString()), interruptions.Enqueue)));
        await watch.WaitForRevisionAsync(1, Ct);

        using JsonDocument consumers = JsonDocument.Parse(await AskAsync($"CONSUMER.LIST.KV_{bucket.Name}", ""));
        string inbox = consumers.RootElement.GetProperty("consumers")[0].GetProperty("config").GetProperty("deliver_subject").GetString()!;
        await client.Bind(bucket.Name).PutAsync("a", "2", cancellationToken: Ct);
        await Servers.PublishAsync(NatsServerVersion.Latest, inbox, "nonsense");
        await Eventually.TrueAsync(() => interruptions.Any(static cause => cause.Message.Contains("no consumer sends", StringComparison.Ordinal)), "the cause is told", ct: Ct);
        await watch.WaitForRevisionAsync(await bucket.PutAsync("a", "3", cancellationToken: Ct), Ct);

        Assert.Equal(["1", "2", "3"], seen);
        Assert.Equal(2, transport!.Count("CONSUMER.CREATE"));
    }

    private static async Task<long> SentAsync(NatsServer server)
    {
        using var http = new HttpClient();
        using JsonDocument document = JsonDocument.Parse(await http.GetStringAsync(new Uri($"{server.MonitoringUrl}/varz"), Ct));
        return document.RootElement.GetProperty("out_msgs").GetInt64();
    }

    // More than is on the way at a time.
    private static async Task<INatsKvBucket> NewLargeBucketAsync(INatsKvBucket bucket)
    {
        string value = new('v', 50_000);
        for (int i = 0; i < Count; i++)
        {
            await bucket.PutAsync($"key.{i}", value, cancellationToken: Ct);
        }

        return bucket;
    }
}
