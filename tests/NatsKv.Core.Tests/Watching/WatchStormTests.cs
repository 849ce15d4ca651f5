using System.Diagnostics;
using NatsKv.TestKit;
using NatsKv.Testing;
using NatsKv.Tests.Connection;

namespace NatsKv.Tests.Watching;

/// <summary>Many watches, and a connection that breaks under them.</summary>
public sealed class WatchStormTests(Server server)
{
    private const int Watches = 300;
    private const int AtATime = 16;

    private static readonly TimeSpan Spread = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Servers remove a consumer that nobody listens to after ten seconds by themselves.
    private static readonly TimeSpan ConsumerDeadline = TimeSpan.FromSeconds(8);

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

        // Spread over a second: of so many at random times the last doesn't come in its first half.
        int before = transport!.Count("CONSUMER.CREATE");
        long cut = Stopwatch.GetTimestamp();
        await proxy.CutAsync();
        await Eventually.TrueAsync(() => transport.Count("CONSUMER.CREATE") >= before + Watches, "all are back", ct: Ct);
        Assert.True(Stopwatch.GetElapsedTime(cut) > Spread / 2, $"All came within {Stopwatch.GetElapsedTime(cut)}.");
        await AssertAllSeeAsync(bucket, watches);

        // At most 16 at a time: as long as these get no answer, no other comes, though the time of each has come.
        before = transport.Count("CONSUMER.CREATE");
        var answer = new TaskCompletionSource();
        transport.BeforeRequest = subject => subject.Contains("CONSUMER.CREATE", StringComparison.Ordinal) ? new ValueTask(answer.Task) : default;
        await proxy.CutAsync();
        await Eventually.TrueAsync(() => transport.Count("CONSUMER.CREATE") >= before + AtATime, "the first are back", ct: Ct);
        await Task.Delay(Spread * 1.2, Ct);
        Assert.Equal(AtATime, transport.Count("CONSUMER.CREATE") - before);
        answer.SetResult();
        await AssertAllSeeAsync(bucket, watches);
        await Eventually.EqualAsync(Watches, () => server.ConsumerCountAsync(bucket.Name), "consumers of the bucket", ConsumerDeadline, Ct);

        await Task.WhenAll(watches.Select(static watch => watch.DisposeAsync().AsTask()));
        await Eventually.EqualAsync(0, () => server.ConsumerCountAsync(bucket.Name), "consumers left", ConsumerDeadline, Ct);
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
            await watch.WaitForStateAsync(NatsKvWatchState.Stopped, Ct).AsTask().WaitAsync(Patience, Ct);
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
        await Eventually.EqualAsync(0, () => server.ConsumerCountAsync(bucket.Name), "consumers left", ConsumerDeadline, Ct);
        foreach (IAsyncEnumerator<NatsKvWatchEvent> watch in watches)
        {
            await watch.DisposeAsync();
        }
    }

    private static async Task AssertAllSeeAsync(INatsKvBucket bucket, INatsKvWatch[] watches)
    {
        ulong revision = await bucket.PutAsync("key", "v", cancellationToken: Ct);
        await Task.WhenAll(watches.Select(watch => watch.WaitForRevisionAsync(revision, Ct).AsTask())).WaitAsync(Patience, Ct);
        await FollowAsync(watches);
    }

    private static Task<NatsKvWatchStatus[]> FollowAsync(INatsKvWatch[] watches) =>
        Task.WhenAll(watches.Select(static watch => watch.WaitForStateAsync(NatsKvWatchState.Following, Ct).AsTask())).WaitAsync(Patience, Ct);
}
