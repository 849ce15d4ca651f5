using System.Collections.Concurrent;
using System.Diagnostics;
using NatsKv.TestKit;
using NatsKv.Testing;
using NatsKv.Tests.DependencyInjection;

namespace NatsKv.Tests.Watching.Rows;

/// <summary>W14, W15, W16: heartbeats, the end of a watch, and what goes wrong.</summary>
public sealed class LifeRows(ServerVersions servers) : RowTests(servers)
{
    // Sooner than a request that gets no answer, and later than any busy machine.
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan NoAnswer = TimeSpan.FromMinutes(1);

    // A blocking disposal waits a second at most.
    private static readonly TimeSpan DisposePatience = TimeSpan.FromSeconds(0.9);
    private static readonly NatsKvWatchOptions Lively = new() { IdleHeartbeat = TimeSpan.FromMilliseconds(200) };

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W14_Heartbeat_IsTheOneAskedFor(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version);
        WatchReader watch = Watch(bucket, new NatsKvWatchOptions { IdleHeartbeat = TimeSpan.FromMilliseconds(700) });
        Assert.Equal(["complete"], await watch.ReadAsync(1));

        Assert.Contains("\"idle_heartbeat\":700000000", await AskAsync($"CONSUMER.LIST.KV_{bucket.Name}", "", version), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W15_LoopLeftWithALargeBacklog_EndsAtOnce(NatsServerVersion version)
    {
        INatsKvBucket made = await NewLargeBucketAsync(version);
        INatsKvBucket bucket = Own(new NatsKvClient(new NatsKvOptions { Url = (await Servers.GetAsync(version)).Url, RequestTimeout = NoAnswer })).Bind(made.Name);
        long start = 0;
        await foreach (NatsKvWatchEvent unused in bucket.WatchAsync(cancellationToken: Ct))
        {
            start = Stopwatch.GetTimestamp();
            break;
        }

        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, AtOnce);
        await AssertNoConsumerAsync(bucket.Name, version);
        Assert.NotNull(await bucket.GetAsync("key.0", Ct));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task W15_HandlerDisposedWithALargeBacklog_IsCalledNoMore(bool asynchronously)
    {
        INatsKvBucket made = await NewLargeBucketAsync(NatsServerVersion.Latest);
        INatsKvBucket bucket = Own(new NatsKvClient(
            new NatsKvOptions { Url = (await Servers.GetAsync(NatsServerVersion.Latest)).Url, RequestTimeout = NoAnswer })).Bind(made.Name);
        int calls = 0;
        INatsKvWatch watch = Own(bucket.StartWatch(new RecordingHandler(_ => Interlocked.Increment(ref calls))));
        await Eventually.TrueAsync(() => Volatile.Read(ref calls) > 10, "entries", ct: Ct);

        long start = Stopwatch.GetTimestamp();
        if (asynchronously)
        {
            await watch.DisposeAsync();
        }
        else
        {
            watch.Dispose();
        }

        if (!asynchronously && Stopwatch.GetElapsedTime(start) >= DisposePatience)
        {
            // A call that was under way, and takes longer on a busy machine, comes to its end.
            await watch.WaitForStateAsync(NatsKvWatchState.Stopped, Ct);
        }

        int before = Volatile.Read(ref calls);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, AtOnce);
        await AssertNoConsumerAsync(bucket.Name);
        Assert.Equal(before, Volatile.Read(ref calls));
    }

    [Fact]
    public async Task W15_StoppedWhileStarting_EndsAtOnceAsCancelled()
    {
        await using NatsServer own = await NatsServer.StartAsync(ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = own.Url, RequestTimeout = NoAnswer });
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket" }, Ct);
        own.Pause();
        using var cancellation = new CancellationTokenSource();
        await using IAsyncEnumerator<NatsKvWatchEvent> events = bucket.WatchAsync(cancellationToken: cancellation.Token).GetAsyncEnumerator(Ct);
        Task<bool> moving = events.MoveNextAsync().AsTask();
        INatsKvWatch watch = bucket.StartWatch(new RecordingHandler(static _ => { }));

        long start = Stopwatch.GetTimestamp();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => moving.WaitAsync(AtOnce, Ct));
        await watch.DisposeAsync().AsTask().WaitAsync(AtOnce, Ct);

        Assert.Equal(NatsKvWatchState.Stopped, watch.State);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, AtOnce);
        own.Resume();
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W15_CancelledAtAnyMomentOfItsStart_IsCancelledAndLeavesNothing(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version);
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        for (int i = 0; i < 100; i++)
        {
            using var cancellation = new CancellationTokenSource();
            Task reading = ReadAsync(bucket, cancellation.Token);
            for (int turn = 0; turn < i * 20; turn++)
            {
                Thread.SpinWait(50);
            }

            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        }

        await AssertNoConsumerAsync(bucket.Name, version);

        static async Task ReadAsync(INatsKvBucket bucket, CancellationToken cancellationToken)
        {
            await foreach (NatsKvWatchEvent unused in bucket.WatchAsync(cancellationToken: cancellationToken))
            {
                // Goes on until it is cancelled.
            }
        }
    }

    [Fact]
    public async Task W15_StoppedWhileTheServerIsAway_EndsAtOnce()
    {
        await using NatsServer own = await NatsServer.StartAsync(ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = own.Url, RequestTimeout = NoAnswer });
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket" }, Ct);
        INatsKvWatch watch = bucket.StartWatch(new RecordingHandler(static _ => { }), Lively);
        INatsKvWatch other = bucket.StartWatch(new RecordingHandler(static _ => { }), Lively);
        await watch.WaitForStateAsync(NatsKvWatchState.Following, Ct);
        using var cancellation = new CancellationTokenSource();
        await using IAsyncEnumerator<NatsKvWatchEvent> events = bucket.WatchAsync(cancellationToken: cancellation.Token).GetAsyncEnumerator(Ct);
        Assert.True(await events.MoveNextAsync());
        Task<bool> moving = events.MoveNextAsync().AsTask();

        await own.KillAsync(Ct);
        await watch.WaitForStateAsync(NatsKvWatchState.Recovering, Ct);

        long start = Stopwatch.GetTimestamp();
        watch.Dispose();
        await other.DisposeAsync().AsTask().WaitAsync(AtOnce, Ct);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => moving.WaitAsync(AtOnce, Ct));
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, AtOnce);
        await Eventually.EqualAsync(NatsKvWatchState.Stopped, () => watch.State, "the watch's state", ct: Ct);
    }

    [Fact]
    public async Task W15_Cancellation_LogsNoWarning()
    {
        NatsServer server = await Servers.GetAsync(NatsServerVersion.Latest);
        INatsKvBucket made = await NewBucketAsync();
        var log = new WarningLog();
        await using (var client = new NatsKvClient(new NatsKvOptions { Url = server.Url }, log))
        {
            INatsKvBucket bucket = client.Bind(made.Name);
            using var cancellation = new CancellationTokenSource();
            await using (IAsyncEnumerator<NatsKvWatchEvent> events = bucket.WatchAsync(cancellationToken: cancellation.Token).GetAsyncEnumerator(Ct))
            {
                Assert.True(await events.MoveNextAsync());
                Task<bool> moving = events.MoveNextAsync().AsTask();
                await cancellation.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => moving);
            }

            INatsKvWatch watch = bucket.StartWatch(new RecordingHandler(static _ => { }));
            await watch.WaitForStateAsync(NatsKvWatchState.Following, Ct);
            await watch.DisposeAsync();
            await AssertNoConsumerAsync(bucket.Name);
        }

        Assert.Empty(log.Messages);
    }

    [Fact]
    public async Task W16_Interruption_IsToldWithItsCauseAndItsEnd()
    {
        await using NatsServer own = await NatsServer.StartAsync(ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = own.Url });
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket" }, Ct);
        var interruptions = new ConcurrentQueue<Exception>();
        INatsKvWatch watch = Own(bucket.StartWatch(new RecordingHandler(static _ => { }, interruptions.Enqueue), Lively));
        await watch.WaitForStateAsync(NatsKvWatchState.Following, Ct);

        await own.StopAsync(Ct);
        await watch.WaitForStateAsync(NatsKvWatchState.Recovering, Ct);
        await Eventually.TrueAsync(() => interruptions.OfType<NatsKvConnectionException>().Any(), "the cause is told", ct: Ct);
        await own.RestartAsync(ct: Ct);

        Assert.Null((await watch.WaitForStateAsync(NatsKvWatchState.Following, Ct)).Cause);
    }

    // More than is on the way at a time.
    private async Task<INatsKvBucket> NewLargeBucketAsync(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version);
        string value = new('v', 50_000);
        await FillAsync(bucket, 400, _ => value);
        return bucket;
    }
}
