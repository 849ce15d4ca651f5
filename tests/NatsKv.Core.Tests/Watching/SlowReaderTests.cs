using NatsKv.TestKit;
using NatsKv.Tests.Connection;

namespace NatsKv.Tests.Watching;

public sealed class SlowReaderTests(Server server)
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReaderBusyForLongerThanTheSilenceAllowed_KeepsItsConsumer()
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = writer;
        for (int i = 0; i < 5; i++)
        {
            await bucket.PutAsync($"key.{i}", "v", cancellationToken: Ct);
        }

        var time = new ManualTimeProvider();
        RecordingTransport? transport = null;
        await using var client = new NatsKvClient(
            new NatsKvOptions { Url = server.Url, TransportFactory = context => transport = new RecordingTransport(context) }, timeProvider: time);
        await using WatchReader watch = new(client.Bind(bucket.Name).WatchAsync(new NatsKvWatchOptions { IdleHeartbeat = Heartbeat }, Ct));

        var seen = new List<string>();
        for (int i = 0; i < 6; i++)
        {
            seen.AddRange(await watch.ReadAsync(1));

            // Nobody reads meanwhile: what the server says waits in the inbox.
            time.Advance(Heartbeat * 3);
            await client.PingAsync(Ct);
        }

        Assert.Equal(["key.0=v Put", "key.1=v Put", "key.2=v Put", "key.3=v Put", "key.4=v Put", "complete"], seen);
        Assert.Equal(1, transport!.Count("CONSUMER.CREATE"));
    }

    [Fact]
    public async Task ReaderWaitsLongerThanTheSilenceAllowed_MakesANewConsumer()
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = writer;
        var time = new ManualTimeProvider();
        RecordingTransport? transport = null;
        await using var client = new NatsKvClient(
            new NatsKvOptions { Url = server.Url, TransportFactory = context => transport = new RecordingTransport(context) }, timeProvider: time);
        await using WatchReader watch = new(client.Bind(bucket.Name).WatchAsync(new NatsKvWatchOptions { IdleHeartbeat = TimeSpan.FromMinutes(1) }, Ct));
        Assert.Equal(["complete"], await watch.ReadAsync(1));
        Task<string[]> next = watch.ReadAsync(1);

        // The clock runs ahead of the server's heartbeats.
        await Eventually.TrueAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(15));
                await client.PingAsync(Ct);
                return transport!.Count("CONSUMER.CREATE") > 1;
            },
            "a second consumer",
            ct: Ct);
        await bucket.PutAsync("key", "v", cancellationToken: Ct);

        // A consumer that was never heard is followed by the next after a pause.
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                return next.IsCompleted;
            },
            "the key",
            ct: Ct);
        Assert.Equal(["key=v Put"], await next);
        await AssertDeletedAsync(transport!, transport!.Count("CONSUMER.CREATE") - 1);
        await Eventually.EqualAsync(1, () => server.ConsumerCountAsync(bucket.Name), "consumers left", ct: Ct);
    }

    [Fact]
    public async Task WatchEnds_ItsConsumerIsDeletedByName()
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = writer;
        RecordingTransport? transport = null;
        await using var client = new NatsKvClient(new NatsKvOptions { Url = server.Url, TransportFactory = context => transport = new RecordingTransport(context) });
        await using (WatchReader watch = new(client.Bind(bucket.Name).WatchAsync(cancellationToken: Ct)))
        {
            Assert.Equal(["complete"], await watch.ReadAsync(1));
        }

        await AssertDeletedAsync(transport!, 1);
    }

    // Servers remove consumers that nobody listens to after a while, so only what was sent tells.
    private static async Task AssertDeletedAsync(RecordingTransport transport, int count)
    {
        await Eventually.EqualAsync(count, () => transport.Count("CONSUMER.DELETE"), "consumers deleted", ct: Ct);
        Assert.Equal(Names("CONSUMER.CREATE").Take(count), Names("CONSUMER.DELETE"));

        IEnumerable<string> Names(string operation) =>
            transport.Subjects.Where(subject => subject.Contains(operation, StringComparison.Ordinal)).Select(static subject => subject.Split('.')[5]);
    }
}
