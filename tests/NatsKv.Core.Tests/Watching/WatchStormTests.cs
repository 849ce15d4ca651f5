using NatsKv.TestKit;
using NatsKv.Testing;
using NatsKv.Tests.Connection;

namespace NatsKv.Tests.Watching;

/// <summary>Many watches, and a connection that breaks under them.</summary>
public sealed class WatchStormTests(Server server)
{
    private const int Watches = 300;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Storm_300Watches_AllResumeWithoutComingAllAtOnce()
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = writer;
        await using TcpProxy proxy = await TcpProxy.StartAsync("127.0.0.1", server.Server.Port, ct: Ct);
        RecordingTransport? transport = null;
        var client = new NatsKvClient(new NatsKvOptions { Url = proxy.Url, TransportFactory = context => transport = new RecordingTransport(context) });
        INatsKvBucket watched = client.Bind(bucket.Name);
        INatsKvWatch[] watches = [.. Enumerable.Range(0, Watches).Select(_ => watched.StartWatch(new CountingHandler()))];
        await FollowAsync(watches);

        int before = transport!.Count("CONSUMER.CREATE");
        await proxy.CutAsync();
        await Eventually.TrueAsync(() => transport.Count("CONSUMER.CREATE") > before, "the first is back", ct: Ct);

        // Spread over a second, at most 16 at a time.
        Assert.InRange(transport.Count("CONSUMER.CREATE") - before, 1, Watches / 3);
        ulong revision = await bucket.PutAsync("key", "v", cancellationToken: Ct);
        await Task.WhenAll(watches.Select(watch => watch.WaitForRevisionAsync(revision, Ct).AsTask())).WaitAsync(TimeSpan.FromSeconds(20), Ct);
        await FollowAsync(watches);
        await Eventually.EqualAsync(Watches, () => server.ConsumerCountAsync(bucket.Name), "consumers of the bucket", TimeSpan.FromSeconds(5), Ct);

        await Task.WhenAll(watches.Select(static watch => watch.DisposeAsync().AsTask()));
        await Eventually.EqualAsync(0, () => server.ConsumerCountAsync(bucket.Name), "consumers left", TimeSpan.FromSeconds(5), Ct);
        await client.DisposeAsync();
    }

    [Fact]
    public async Task ClientDisposedUnderItsWatches_AsksToDeleteEachConsumer()
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = writer;
        RecordingTransport? transport = null;
        var client = new NatsKvClient(new NatsKvOptions { Url = server.Url, TransportFactory = context => transport = new RecordingTransport(context) });
        INatsKvWatch[] watches = [.. Enumerable.Range(0, 10).Select(_ => client.Bind(bucket.Name).StartWatch(new CountingHandler()))];
        await FollowAsync(watches);

        await client.DisposeAsync();

        Assert.Equal(10, transport!.Count("CONSUMER.DELETE"));
        foreach (INatsKvWatch watch in watches)
        {
            await watch.WaitForStateAsync(NatsKvWatchState.Stopped, Ct).AsTask().WaitAsync(TimeSpan.FromSeconds(5), Ct);
        }
    }

    [Fact]
    public async Task ClientDisposedUnderWatchesThatNobodyReads_LeavesNoConsumers()
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = writer;
        var client = new NatsKvClient(new NatsKvOptions { Url = server.Url });
        IAsyncEnumerator<NatsKvWatchEvent>[] watches = [.. Enumerable.Range(0, 10).Select(_ => client.Bind(bucket.Name).WatchAsync(null, Ct).GetAsyncEnumerator(Ct))];
        foreach (IAsyncEnumerator<NatsKvWatchEvent> watch in watches)
        {
            Assert.True(await watch.MoveNextAsync());
        }

        // Their readers are at work on what they got, and hear of nothing.
        await client.DisposeAsync();

        // The server itself removes what nobody listens to after ten seconds.
        await Eventually.EqualAsync(0, () => server.ConsumerCountAsync(bucket.Name), "consumers left", TimeSpan.FromSeconds(3), Ct);
        foreach (IAsyncEnumerator<NatsKvWatchEvent> watch in watches)
        {
            await watch.DisposeAsync();
        }
    }

    private static Task<NatsKvWatchStatus[]> FollowAsync(INatsKvWatch[] watches) =>
        Task.WhenAll(watches.Select(static watch => watch.WaitForStateAsync(NatsKvWatchState.Following, Ct).AsTask())).WaitAsync(TimeSpan.FromSeconds(20), Ct);
}
