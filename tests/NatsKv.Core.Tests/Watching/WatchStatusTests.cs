using System.Collections.Concurrent;
using NatsKv.TestKit;
using NatsKv.Tests.Connection;

namespace NatsKv.Tests.Watching;

/// <summary>What a watch tells of itself, and waiting for it.</summary>
public sealed class WatchStatusTests(Server server)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WaitForRevision_ReturnsOnceTheHandlerHasReturnedFromIt()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        var handled = new ConcurrentDictionary<ulong, bool>();
        await using INatsKvWatch watch = bucket.StartWatch(new RecordingHandler(entry =>
        {
            Thread.SpinWait(100_000);
            handled[entry.Revision] = true;
        }));

        for (int i = 0; i < 20; i++)
        {
            ulong revision = await bucket.PutAsync("key", $"{i}", cancellationToken: Ct);
            await watch.WaitForRevisionAsync(revision, Ct);
            Assert.True(handled.ContainsKey(revision), $"revision {revision} was handled");
        }

        Assert.Equal(20ul, watch.LastRevision);
    }

    [Fact]
    public async Task WaitForRevision_MatchesNoFilter_ReturnsAllTheSame()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        var options = new NatsKvWatchOptions { Filters = ["a"], IdleHeartbeat = TimeSpan.FromMilliseconds(200) };
        await using INatsKvWatch watch = bucket.StartWatch(new RecordingHandler(static _ => { }), options);

        ulong revision = await bucket.PutAsync("b", "1", cancellationToken: Ct);

        await watch.WaitForRevisionAsync(revision, Ct).AsTask().WaitAsync(Patience, Ct);
    }

    [Fact]
    public async Task WaitForState_FollowingThenStopped()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        INatsKvWatch watch = bucket.StartWatch(new RecordingHandler(static _ => { }));

        NatsKvWatchStatus following = await watch.WaitForStateAsync(NatsKvWatchState.Following, Ct);
        Task<NatsKvWatchStatus> stopped = watch.WaitForStateAsync(NatsKvWatchState.Stopped, Ct).AsTask();
        Task lost = watch.WaitForStateAsync(NatsKvWatchState.Lost, Ct).AsTask();
        Task revision = watch.WaitForRevisionAsync(7, Ct).AsTask();
        await watch.DisposeAsync();

        Assert.Equal(NatsKvWatchState.Following, following.State);
        Assert.Equal(NatsKvWatchState.Stopped, (await stopped).State);
        Assert.Contains($"'{bucket.Name}' has stopped", (await Assert.ThrowsAsync<NatsKvException>(() => lost)).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<NatsKvException>(() => revision);
        await Assert.ThrowsAsync<NatsKvException>(() => watch.WaitForRevisionAsync(7, Ct).AsTask());
    }

    [Fact]
    public async Task Waiting_Cancelled_Throws()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await using INatsKvWatch watch = bucket.StartWatch(new RecordingHandler(static _ => { }));
        using var cancellation = new CancellationTokenSource();
        Task state = watch.WaitForStateAsync(NatsKvWatchState.Lost, cancellation.Token).AsTask();
        Task revision = watch.WaitForRevisionAsync(7, cancellation.Token).AsTask();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => state);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => revision);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watch.WaitForRevisionAsync(7, cancellation.Token).AsTask());
    }

    [Fact]
    public async Task Status_TellsHowMuchHasComeAndHowMuchIsStillToCome()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        for (int i = 0; i < 10; i++)
        {
            await bucket.PutAsync($"key.{i}", "v", cancellationToken: Ct);
        }

        INatsKvWatch? watch = null;
        var started = new TaskCompletionSource();
        var seen = new ConcurrentQueue<NatsKvWatchStatus>();
        watch = bucket.StartWatch(new RecordingHandler(_ =>
        {
            started.Task.Wait(Ct);
            seen.Enqueue(watch!.Status);
        }));
        started.SetResult();
        await using INatsKvWatch __ = watch;
        await watch.WaitForRevisionAsync(10, Ct);

        // What the handler has not returned from yet isn't counted.
        Assert.Equal(Enumerable.Range(0, 10).Select(static i => (long)i), seen.Select(static status => status.Received));
        Assert.All(seen, static status => Assert.Equal(10, status.Expected));
        Assert.Equal(10, watch.Status.Received);
        await Eventually.EqualAsync(10ul, () => watch.Status.LastRevision, "the last revision", ct: Ct);
    }

    [Fact]
    public async Task Following_RightWhenTheInitialDataIsComplete_AlsoWhereTheNewestKeysDontMatch()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await bucket.PutAsync("a.1", "v", cancellationToken: Ct);
        await bucket.PutAsync("b.1", "v", cancellationToken: Ct);
        var options = new NatsKvWatchOptions { Filters = ["a.>"], IdleHeartbeat = TimeSpan.FromMinutes(1) };
        await using INatsKvWatch watch = bucket.StartWatch(new RecordingHandler(static _ => { }), options);

        NatsKvWatchStatus status = await watch.WaitForStateAsync(NatsKvWatchState.Following, Ct).AsTask().WaitAsync(Patience, Ct);

        Assert.NotNull(status.LastProof);
        Assert.Equal(1, status.Received);
    }

    [Fact]
    public async Task Following_IsProvenAnewAndAgain_AndCostsOneQuestionInAHeartbeat()
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = writer;
        // Questions fall due by the test's clock, so that it doesn't matter how busy the machine is.
        var time = new ManualTimeProvider();
        RecordingTransport? transport = null;
        await using var client = new NatsKvClient(
            new NatsKvOptions { Url = server.Url, TransportFactory = context => transport = new RecordingTransport(context) }, timeProvider: time);
        var options = new NatsKvWatchOptions { Filters = ["a.>"], IdleHeartbeat = TimeSpan.FromMilliseconds(200) };
        await using INatsKvWatch watch = client.Bind(bucket.Name).StartWatch(new RecordingHandler(static _ => { }), options);
        NatsKvWatchStatus first = await watch.WaitForStateAsync(NatsKvWatchState.Following, Ct);
        int before = transport!.Subjects.Count;

        for (int i = 0; i < 8; i++)
        {
            // Others' keys move the stream on.
            await bucket.PutAsync($"b.{i}", "v", cancellationToken: Ct);
            DateTimeOffset? last = watch.Status.LastProof;
            time.Advance(options.IdleHeartbeat);
            await Eventually.TrueAsync(() => watch.Status.LastProof > last, "a newer proof", ct: Ct);
            Assert.Equal(NatsKvWatchState.Following, watch.State);
        }

        NatsKvWatchStatus status = watch.Status;
        Assert.Equal(options.IdleHeartbeat * 8, status.LastProof - first.LastProof);
        Assert.Equal(8, transport.Subjects.Count - before);
        Assert.All(transport.Subjects.Skip(before), static subject => Assert.Contains("STREAM.INFO", subject, StringComparison.Ordinal));
        Assert.Equal(8ul, status.LastRevision);
    }

    [Fact]
    public async Task LeaderDoesNotAnswer_IsRecoveringThoughHeartbeatsCome()
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = writer;
        var time = new ManualTimeProvider();
        RecordingTransport? transport = null;
        await using var client = new NatsKvClient(
            new NatsKvOptions { Url = server.Url, TransportFactory = context => transport = new RecordingTransport(context) }, timeProvider: time);
        var options = new NatsKvWatchOptions { IdleHeartbeat = TimeSpan.FromMilliseconds(200) };
        await using INatsKvWatch watch = client.Bind(bucket.Name).StartWatch(new RecordingHandler(static _ => { }), options);
        await watch.WaitForStateAsync(NatsKvWatchState.Following, Ct);

        transport!.BeforeRequest = static subject => subject.Contains("STREAM.INFO", StringComparison.Ordinal)
            ? throw new NatsKvTimeoutException(TimeSpan.FromSeconds(5), "no leader")
            : default;
        int asked = transport.Count("STREAM.INFO");
        time.Advance(options.IdleHeartbeat);
        Assert.Equal((asked + 1, NatsKvWatchState.Following), (transport.Count("STREAM.INFO"), watch.State));

        // The consumer is heard all the time.
        await watch.WaitForRevisionAsync(await bucket.PutAsync("key", "v", cancellationToken: Ct), Ct).AsTask().WaitAsync(Patience, Ct);
        NatsKvWatchStatus recovering = watch.Status;
        await Eventually.TrueAsync(
            () =>
            {
                // Little by little: nothing is asked while the question before it is being taken for lost.
                time.Advance(TimeSpan.FromMilliseconds(20));
                recovering = watch.Status;
                return recovering.State == NatsKvWatchState.Recovering;
            },
            "the watch doesn't claim to follow",
            Patience,
            Ct);

        // The last proof must be too old, or it would hold for the next consumer too.
        time.Advance(options.IdleHeartbeat);
        transport.BeforeRequest = null;
        NatsKvWatchStatus? again = null;
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(20));
                again = watch.Status;
                return again.State == NatsKvWatchState.Following;
            },
            "the watch follows again",
            ct: Ct);

        Assert.Contains("no leader", Assert.IsType<NatsKvTimeoutException>(recovering.Cause).Message, StringComparison.Ordinal);
        Assert.Null(again!.Cause);
        Assert.True(again.LastProof > recovering.LastProof);
    }

    [Fact]
    public async Task BucketDeleted_IsLostWithinAHeartbeat()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        var options = new NatsKvWatchOptions { IdleHeartbeat = TimeSpan.FromMilliseconds(500) };
        await using INatsKvWatch watch = bucket.StartWatch(new RecordingHandler(static _ => { }), options);
        await watch.WaitForStateAsync(NatsKvWatchState.Following, Ct);

        await client.DeleteBucketAsync(bucket.Name, Ct);

        // Silence would tell after a second.
        NatsKvWatchStatus lost = await watch.WaitForStateAsync(NatsKvWatchState.Lost, Ct).AsTask().WaitAsync(Patience, Ct);
        Assert.IsType<NatsKvBucketNotFoundException>(lost.Cause);
    }

    [Fact]
    public async Task HandlerIsBusy_LastRevisionAndStateTellSo()
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = writer;
        await using NatsKvClient client = server.NewClient();
        using var gate = new ManualResetEventSlim();
        var entered = new TaskCompletionSource();
        var options = new NatsKvWatchOptions { IdleHeartbeat = TimeSpan.FromMilliseconds(200) };
        await using INatsKvWatch watch = client.Bind(bucket.Name).StartWatch(
            new RecordingHandler(entry =>
            {
                if (entry.Revision == 2)
                {
                    entered.SetResult();
                    gate.Wait(Ct);
                }
            }),
            options);
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        await watch.WaitForRevisionAsync(1, Ct);
        await bucket.PutAsync("a", "2", cancellationToken: Ct);
        await entered.Task.WaitAsync(Patience, Ct);

        try
        {
            await watch.WaitForStateAsync(NatsKvWatchState.Recovering, Ct).AsTask().WaitAsync(Patience, Ct);
            Assert.Equal(1ul, watch.LastRevision);
        }
        finally
        {
            gate.Set();
        }

        await watch.WaitForStateAsync(NatsKvWatchState.Following, Ct).AsTask().WaitAsync(Patience, Ct);
        Assert.Equal(2ul, watch.LastRevision);
    }
}
