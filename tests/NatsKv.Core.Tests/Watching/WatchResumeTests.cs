using System.Collections.Concurrent;
using NatsKv.TestKit;
using NatsKv.Testing;
using NatsKv.Tests.Connection;

namespace NatsKv.Tests.Watching;

/// <summary>A watch goes on where it stopped, whatever happened to the connection, the server or the bucket.</summary>
public sealed class WatchResumeTests(Server server)
{
    // Servers remove a consumer that nobody listens to after ten seconds by themselves.
    private static readonly TimeSpan ConsumerDeadline = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ConnectionCutAgainAndAgainUnderWrites_NothingIsMissedOrRepeated()
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await server.NewBucketAsync(config => config with { History = 64 });
        await using NatsKvClient _ = writer;
        await using TcpProxy proxy = await TcpProxy.StartAsync("127.0.0.1", server.Server.Port, ct: Ct);
        RecordingTransport? transport = null;
        await using var client = new NatsKvClient(new NatsKvOptions { Url = proxy.Url, TransportFactory = context => transport = new RecordingTransport(context) });
        var seen = new ConcurrentQueue<ulong>();
        await using INatsKvWatch watch = client.Bind(bucket.Name).StartWatch(new RecordingHandler(entry => seen.Enqueue(entry.Revision)));
        await Eventually.TrueAsync(() => watch.State == NatsKvWatchState.Following, "the watch follows", ct: Ct);

        for (int round = 0; round < 5; round++)
        {
            for (int i = 0; i < 40; i++)
            {
                await bucket.PutAsync($"key.{i}", $"{round}", cancellationToken: Ct);
                if (i == 20)
                {
                    await proxy.CutAsync();
                }
            }
        }

        await Eventually.EqualAsync(200, () => seen.Count, "entries seen", ct: Ct);
        Assert.Equal(Enumerable.Range(1, 200).Select(static i => (ulong)i), seen);

        // Each but the last was to be deleted. What was sent just before a cut may be lost: the server removes that one itself, in time.
        await Eventually.EqualAsync(transport!.Count("CONSUMER.CREATE") - 1, () => transport.Count("CONSUMER.DELETE"), "consumers deleted", ct: Ct);
        await Eventually.EqualAsync(1, () => server.ConsumerCountAsync(bucket.Name), "consumers of the bucket", ct: Ct);
    }

    [Fact]
    public async Task ServerKilledAndRestarted_ChangeRightAfterIsSeen()
    {
        await using NatsServer own = await NatsServer.StartAsync(ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = own.Url });
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket" }, Ct);
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        await using WatchReader watch = new(bucket.WatchAsync(cancellationToken: Ct));
        Assert.Equal(["a=1 Put", "complete"], await watch.ReadAsync(2));

        await own.KillAsync(Ct);
        await own.RestartAsync(ct: Ct);
        await using var other = new NatsKvClient(new NatsKvOptions { Url = own.Url });
        await other.Bind("bucket").PutAsync("a", "2", cancellationToken: Ct);

        Assert.Equal(["a=2 Put"], await watch.ReadAsync(1));
    }

    [Fact]
    public async Task ServerRestartedOnAnEmptyStore_WatchIsResetWhenTheBucketIsBack()
    {
        await using NatsServer own = await NatsServer.StartAsync(ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = own.Url });
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket" }, Ct);
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        await bucket.PutAsync("b", "1", cancellationToken: Ct);
        await using WatchReader watch = new(bucket.WatchAsync(cancellationToken: Ct));
        Assert.Equal(["a=1 Put", "b=1 Put", "complete"], await watch.ReadAsync(3));

        await own.RestartAsync(wipeStore: true, ct: Ct);
        await using var other = new NatsKvClient(new NatsKvOptions { Url = own.Url });
        INatsKvBucket remade = await other.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket" }, Ct);
        await remade.PutAsync("c", "1", cancellationToken: Ct);

        string[] events = await watch.ReadAsync(1);
        Assert.Equal(["reset"], events);
        // The bucket may have been found before or after the put.
        List<string> rest = [.. await watch.ReadAsync(2)];
        rest.Sort(StringComparer.Ordinal);
        Assert.Equal(["c=1 Put", "complete"], rest);
    }

    [Fact]
    public async Task BucketDeletedAndMadeAnew_WatchIsReset()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        await bucket.PutAsync("b", "1", cancellationToken: Ct);
        var options = new NatsKvWatchOptions { IdleHeartbeat = TimeSpan.FromMilliseconds(200) };
        await using WatchReader watch = new(bucket.WatchAsync(options, Ct));
        Assert.Equal(["a=1 Put", "b=1 Put", "complete"], await watch.ReadAsync(3));

        await client.DeleteBucketAsync(bucket.Name, Ct);
        await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = bucket.Name }, Ct);
        await bucket.PutAsync("b", "2", cancellationToken: Ct);

        Assert.Equal(["reset", "b=2 Put", "complete"], await watch.ReadAsync(3));
    }

    [Fact]
    public async Task UpdatesOnlyAcrossAnOutage_GivesWhatWasWrittenMeanwhileAndNothingElse()
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = writer;
        await using TcpProxy proxy = await TcpProxy.StartAsync("127.0.0.1", server.Server.Port, ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = proxy.Url });
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        await using WatchReader watch = new(client.Bind(bucket.Name).WatchAsync(new NatsKvWatchOptions { UpdatesOnly = true }, Ct));
        Assert.Equal(["complete"], await watch.ReadAsync(1));

        proxy.RefuseNewConnections = true;
        await proxy.CutAsync();
        await bucket.PutAsync("b", "2", cancellationToken: Ct);
        proxy.RefuseNewConnections = false;

        Assert.Equal(["b=2 Put"], await watch.ReadAsync(1));
    }

    [Fact]
    public async Task HeartbeatsSwallowed_WatchIsMadeAnewWithoutLoss()
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await server.NewBucketAsync(config => config with { History = 5 });
        await using NatsKvClient _ = writer;
        await using TcpProxy proxy = await TcpProxy.StartAsync("127.0.0.1", server.Server.Port, ct: Ct);

        // The connection itself notices nothing.
        await using var client = new NatsKvClient(new NatsKvOptions { Url = proxy.Url, RequestTimeout = TimeSpan.FromMilliseconds(500), PingInterval = TimeSpan.FromMinutes(1) });
        var seen = new ConcurrentQueue<ulong>();
        var interruptions = new ConcurrentQueue<Exception>();
        await using INatsKvWatch watch = client.Bind(bucket.Name).StartWatch(
            new RecordingHandler(entry => seen.Enqueue(entry.Revision), interruptions.Enqueue), new NatsKvWatchOptions { IdleHeartbeat = TimeSpan.FromMilliseconds(200) });
        await watch.WaitForStateAsync(NatsKvWatchState.Following, Ct);

        proxy.Swallow(TcpProxyDirection.ServerToClient);
        ulong missed = await bucket.PutAsync("a", "1", cancellationToken: Ct);
        await Eventually.TrueAsync(
            () => interruptions.OfType<NatsKvTimeoutException>().Any(static cause => cause.Message.Contains("not even a heartbeat", StringComparison.Ordinal)),
            "the silence is noticed",
            ct: Ct);
        proxy.Resume();
        ulong last = await bucket.PutAsync("a", "2", cancellationToken: Ct);

        await Eventually.TrueAsync(() => seen.Contains(last), "the last revision", ct: Ct);
        Assert.Equal([missed, last], seen);
    }

    [Fact]
    public async Task DeleteWhoseMarkerExpiredMeanwhile_WatchIsReset()
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await server.NewBucketAsync(config => config with { LimitMarkerTtl = TimeSpan.FromSeconds(1) });
        await using NatsKvClient _ = writer;
        await using TcpProxy proxy = await TcpProxy.StartAsync("127.0.0.1", server.Server.Port, ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = proxy.Url });
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        await bucket.PutAsync("b", "1", cancellationToken: Ct);
        await using WatchReader watch = new(client.Bind(bucket.Name).WatchAsync(cancellationToken: Ct));
        Assert.Equal(["a=1 Put", "b=1 Put", "complete"], await watch.ReadAsync(3));
        Task<string[]> next = watch.ReadAsync(3);

        proxy.RefuseNewConnections = true;
        await proxy.CutAsync();
        await bucket.PurgeAsync("a", new NatsKvWriteOptions { TimeToLive = TimeSpan.FromSeconds(1) }, Ct);
        await Eventually.EqualAsync(1, async () => (await bucket.GetStatusAsync(Ct)).Values, "values once the marker has gone", ct: Ct);
        proxy.RefuseNewConnections = false;

        Assert.Equal(["reset", "b=1 Put", "complete"], await next);
    }

    [Fact]
    public async Task StartWatch_BucketAndServerComeLater_FollowsThem()
    {
        await using NatsServer own = await NatsServer.StartAsync(ct: Ct);
        await own.StopAsync(Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = own.Url });
        var interruptions = new ConcurrentQueue<Exception>();
        var keys = new ConcurrentQueue<string>();
        var handler = new RecordingHandler(entry => keys.Enqueue(entry.Key), interruptions.Enqueue);
        await using INatsKvWatch watch = client.Bind("bucket").StartWatch(handler);
        await Eventually.TrueAsync(() => interruptions.OfType<NatsKvConnectionException>().Any(), "the missing server is reported", ct: Ct);

        await own.RestartAsync(ct: Ct);
        await Eventually.TrueAsync(() => interruptions.OfType<NatsKvBucketNotFoundException>().Any(), "the missing bucket is reported", ct: Ct);
        await using var other = new NatsKvClient(new NatsKvOptions { Url = own.Url });
        INatsKvBucket bucket = await other.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket" }, Ct);
        await bucket.PutAsync("a", "1", cancellationToken: Ct);

        await Eventually.TrueAsync(() => keys.Contains("a", StringComparer.Ordinal), "the key is seen", ct: Ct);
        // The handler may still be at work on the key.
        await watch.WaitForStateAsync(NatsKvWatchState.Following, Ct).AsTask().WaitAsync(Patience, Ct);
        await Eventually.EqualAsync(1ul, () => watch.LastRevision, "the last revision", ct: Ct);
    }

    [Fact]
    public async Task StartWatch_Disposed_CallsNoMoreAndRemovesTheConsumer()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        var keys = new ConcurrentQueue<string>();
        INatsKvWatch watch = bucket.StartWatch(new RecordingHandler(entry => keys.Enqueue(entry.Key)));
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        await Eventually.EqualAsync(1, () => keys.Count, "entries seen", ct: Ct);

        watch.Dispose();
        watch.Dispose();
        await bucket.PutAsync("b", "1", cancellationToken: Ct);
        await client.PingAsync(Ct);

        Assert.Equal("a", Assert.Single(keys));

        // Disposal waits a second at most for what runs just then.
        await Eventually.EqualAsync(NatsKvWatchState.Stopped, () => watch.State, "the watch's state", ct: Ct);
        await Eventually.EqualAsync(0, () => server.ConsumerCountAsync(bucket.Name), "consumers of the bucket", ConsumerDeadline, Ct);
    }

    [Fact]
    public async Task StartWatch_HandlerThrows_TheWatchEndsAndTheConnectionLives()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        var interruptions = new ConcurrentQueue<Exception>();
        await using INatsKvWatch watch = bucket.StartWatch(new RecordingHandler(static _ => throw new InvalidTimeZoneException("mine"), interruptions.Enqueue));

        await bucket.PutAsync("a", "1", cancellationToken: Ct);

        await Eventually.EqualAsync(NatsKvWatchState.Stopped, () => watch.State, "the watch's state", ct: Ct);
        // The state says so before the owner is told.
        await watch.DisposeAsync();
        Assert.IsType<InvalidTimeZoneException>(Assert.Single(interruptions));
        Assert.NotNull(await bucket.GetAsync("a", Ct));
    }

    [Fact]
    public async Task SlowReader_LosesNothingAndHoldsUpNobody()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        byte[] value = new byte[100_000];
        await using WatchReader watch = new(bucket.WatchAsync(cancellationToken: Ct));
        Assert.Equal(["complete"], await watch.ReadAsync(1));

        // 100 MB while nobody reads: more than the inbox takes, so the server's flow control has to hold it back.
        for (int i = 0; i < 1000; i++)
        {
            await bucket.PutAsync($"key.{i}", value, cancellationToken: Ct);
        }

        for (int i = 0; i < 1000; i++)
        {
            NatsKvWatchEvent item = await watch.NextAsync($"key.{i}");
            Assert.Equal($"key.{i}", item.Entry!.Key);
        }
    }
}
