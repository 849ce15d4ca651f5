using System.Collections.Concurrent;
using System.Diagnostics;
using NatsKv.TestKit;
using NatsKv.Testing;
using NatsKv.Tests.Connection;

namespace NatsKv.Tests.Watching;

/// <summary>What ends a consumer again and again, and how a watch ends itself.</summary>
public sealed class WatchEndsTests(Server server)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task InboxForbidden_StartWatch_IsLostAndDoesNotMakeConsumersWithoutEnd(int keys)
    {
        await using NatsServer own = await StartWithoutInboxesAsync(keys);
        RecordingTransport? transport = null;
        await using NatsKvClient client = Restricted(own, context => transport = new RecordingTransport(context));
        var handler = new CountingHandler();
        await using INatsKvWatch watch = client.Bind("bucket").StartWatch(handler);

        NatsKvWatchStatus lost = await watch.WaitForStateAsync(NatsKvWatchState.Lost, Ct).AsTask().WaitAsync(Patience, Ct);
        await Task.Delay(TimeSpan.FromSeconds(2), Ct);

        Assert.InRange(transport!.Count("CONSUMER.CREATE"), 1, 5);
        NatsKvPermissionException cause = Assert.IsType<NatsKvPermissionException>(lost.Cause);
        Assert.StartsWith("_INBOX.", cause.Subject, StringComparison.Ordinal);
        Assert.Contains(cause.Subject, cause.Message, StringComparison.Ordinal);
        Assert.Equal((0, 0), (handler.Entries, handler.Completions));
        Assert.All(handler.Interruptions, static interruption => Assert.IsType<NatsKvPermissionException>(interruption));
        Assert.Equal(NatsKvWatchState.Lost, watch.State);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task InboxForbidden_WatchAsync_Throws(int keys)
    {
        await using NatsServer own = await StartWithoutInboxesAsync(keys);
        await using NatsKvClient client = Restricted(own);
        await using WatchReader watch = new(client.Bind("bucket").WatchAsync(cancellationToken: Ct));

        NatsKvPermissionException thrown = await Assert.ThrowsAsync<NatsKvPermissionException>(() => watch.NextAsync());

        Assert.StartsWith("_INBOX.", thrown.Subject, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BucketMissing_IsLostUntilItIsThere()
    {
        await using NatsKvClient client = server.NewClient();
        string name = server.NewName();
        await using INatsKvWatch watch = client.Bind(name).StartWatch(new CountingHandler());
        NatsKvWatchStatus lost = await watch.WaitForStateAsync(NatsKvWatchState.Lost, Ct).AsTask().WaitAsync(Patience, Ct);

        await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = name, Storage = NatsKvStorage.Memory }, Ct);
        NatsKvWatchStatus following = await watch.WaitForStateAsync(NatsKvWatchState.Following, Ct).AsTask().WaitAsync(Patience, Ct);

        Assert.IsType<NatsKvBucketNotFoundException>(lost.Cause);
        Assert.Null(following.Cause);
    }

    [Fact]
    public async Task InboxEndsWithoutAnError_MakesNewConsumersWithPauses()
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = writer;
        RecordingTransport? transport = null;
        await using var client = new NatsKvClient(new NatsKvOptions
        {
            Url = server.Url,
            TransportFactory = context => transport = new RecordingTransport(context) { Replace = static inbox => new EndedInbox(inbox) },
        });
        long start = Stopwatch.GetTimestamp();
        await using INatsKvWatch watch = await Task.Run(() => client.Bind(bucket.Name).StartWatch(new CountingHandler()), Ct).WaitAsync(Patience, Ct);
        await Eventually.TrueAsync(() => transport!.Count("CONSUMER.CREATE") > 1, "a second consumer", Patience, Ct);

        // However long it takes to look: the pauses double, from 25 ms to 2.5 s at least.
        await Task.Delay(TimeSpan.FromSeconds(1), Ct);
        int made = transport!.Count("CONSUMER.CREATE");
        Assert.InRange(made, 2, 8 + (int)Stopwatch.GetElapsedTime(start).TotalSeconds);

        transport.Replace = null;
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        await watch.WaitForRevisionAsync(1, Ct).AsTask().WaitAsync(Patience, Ct);
    }

    [Fact]
    public async Task StoppedWhileAStartFails_IsACancellationAndNoInterruption()
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = writer;
        RecordingTransport? transport = null;
        await using var client = new NatsKvClient(new NatsKvOptions { Url = server.Url, TransportFactory = context => transport = new RecordingTransport(context) });
        await client.PingAsync(Ct);
        using var cancellation = new CancellationTokenSource();
        transport!.BeforeRequest = async _ =>
        {
            await cancellation.CancelAsync();
            throw new NatsKvTimeoutException(TimeSpan.FromSeconds(1), "late");
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await client.Bind(bucket.Name).WatchAsync(cancellationToken: cancellation.Token).GetAsyncEnumerator(cancellation.Token).MoveNextAsync());

        INatsKvWatch? watch = null;
        var started = new TaskCompletionSource();
        var handler = new CountingHandler();
        transport.BeforeRequest = async _ =>
        {
            await started.Task;
            watch!.Dispose();
            throw new NatsKvTimeoutException(TimeSpan.FromSeconds(1), "late");
        };
        watch = client.Bind(bucket.Name).StartWatch(handler);
        started.SetResult();
        await watch.WaitForStateAsync(NatsKvWatchState.Stopped, Ct).AsTask().WaitAsync(Patience, Ct);
        await watch.DisposeAsync();

        Assert.Empty(handler.Interruptions);
    }

    [Fact]
    public async Task StoppedWhileItsConsumerIsMade_ServerIsToldOnceMoreWhenItExists()
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = writer;
        RecordingTransport? transport = null;
        NatsKvClient? connected = null;
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var client = new NatsKvClient(new NatsKvOptions
        {
            Url = server.Url,
            TransportFactory = context => transport = new RecordingTransport(context)
            {
                BeforeRequest = async subject =>
                {
                    if (subject.Contains("CONSUMER.CREATE", StringComparison.Ordinal))
                    {
                        asked.TrySetResult();
                        await sent.Task;
                    }
                },
                Replace = inbox => new LateInbox(inbox, MakeConsumerAsync),
            },
        });
        connected = client;
        INatsKvWatch watch = client.Bind(bucket.Name).StartWatch(new CountingHandler());
        await asked.Task.WaitAsync(Patience, Ct);

        await watch.DisposeAsync().AsTask().WaitAsync(Patience, Ct);

        await Eventually.EqualAsync(2, () => transport!.Count("CONSUMER.DELETE"), "requests to delete the consumer", Patience, Ct);
        await Eventually.EqualAsync(0, () => server.ConsumerCountAsync(bucket.Name), "consumers of the bucket", Patience, Ct);

        // The server has been asked to delete what it makes only now, and it has said so before the watch is over.
        async Task MakeConsumerAsync()
        {
            await connected!.PingAsync(Ct);
            sent.SetResult();
            await Eventually.EqualAsync(transport!.Asked, () => transport.Answered, "answers", Patience, Ct);
            await connected!.PingAsync(Ct);
        }
    }

    [Fact]
    public async Task LeaderDoesNotAnswerDuringTheInitialData_ConsumerIsKept()
    {
        (NatsKvClient writer, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = writer;
        for (int i = 0; i < 5; i++)
        {
            await bucket.PutAsync($"key.{i}", "v", cancellationToken: Ct);
        }

        int questions = 0;
        var gate = new TaskCompletionSource();
        RecordingTransport? transport = null;
        await using var client = new NatsKvClient(new NatsKvOptions
        {
            Url = server.Url,
            TransportFactory = context => transport = new RecordingTransport(context)
            {
                Replace = inbox => new GatedInbox(inbox, gate.Task),
                BeforeRequest = subject => subject.Contains("STREAM.MSG.GET", StringComparison.Ordinal) && Interlocked.Increment(ref questions) is 2 or 3
                    ? throw new NatsKvTimeoutException(TimeSpan.FromSeconds(1), "the leader is away")
                    : default,
            },
        });
        var handler = new CountingHandler();

        // Behind the gate heartbeats are not seen either.
        await using INatsKvWatch watch = client.Bind(bucket.Name).StartWatch(handler, new NatsKvWatchOptions { IdleHeartbeat = TimeSpan.FromMinutes(1) });

        // Nothing comes, so the leader is asked again.
        await Eventually.TrueAsync(() => Volatile.Read(ref questions) >= 3, "the leader is asked again", Patience, Ct);
        Assert.Equal(0, handler.Completions);
        gate.SetResult();
        await Eventually.EqualAsync(1, () => handler.Completions, "completions", Patience, Ct);

        Assert.Equal(5, handler.Entries);
        Assert.Equal(1, transport!.Count("CONSUMER.CREATE"));
    }

    [Fact]
    public async Task HandlerDisposesItsWatchWhenInterrupted_DoesNotWaitForItself()
    {
        RecordingTransport? transport = null;
        await using var client = new NatsKvClient(new NatsKvOptions { Url = server.Url, TransportFactory = context => transport = new RecordingTransport(context) });
        await client.PingAsync(Ct);

        // A failure that comes on a thread of the pool.
        transport!.BeforeRequest = static async _ =>
        {
            await Task.Delay(1, CancellationToken.None);
            throw new NatsKvTimeoutException(TimeSpan.FromSeconds(1), "late");
        };
        // One that waits for itself takes a second, each time; once in a while a busy machine takes half of that for nothing.
        TimeSpan took = TimeSpan.MaxValue;
        for (int round = 0; round < 5 && took > TimeSpan.FromMilliseconds(500); round++)
        {
            INatsKvWatch? watch = null;
            var started = new TaskCompletionSource();
            var disposed = new TaskCompletionSource<TimeSpan>();
            var handler = new CountingHandler
            {
                OnInterruption = _ =>
                {
                    started.Task.Wait(Ct);
                    long start = Stopwatch.GetTimestamp();
                    watch!.Dispose();
                    disposed.TrySetResult(Stopwatch.GetElapsedTime(start));
                },
            };
            watch = client.Bind("bucket").StartWatch(handler);
            started.SetResult();
            took = await disposed.Task.WaitAsync(Patience, Ct);
            await watch.WaitForStateAsync(NatsKvWatchState.Stopped, Ct).AsTask().WaitAsync(Patience, Ct);
        }

        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromMilliseconds(500));
    }

    [Fact]
    public async Task StartWatch_OutcomeIsThereAtOnce_HandlerIsNotCalledOnTheCallersThread()
    {
        RecordingTransport? transport = null;
        await using var client = new NatsKvClient(new NatsKvOptions { Url = server.Url, TransportFactory = context => transport = new RecordingTransport(context) });
        await client.PingAsync(Ct);

        // As when the answer comes before anybody waits for it.
        transport!.BeforeRequest = static _ => throw new NatsKvTimeoutException(TimeSpan.FromSeconds(1), "late");
        using var told = new ManualResetEventSlim();
        var threads = new ConcurrentQueue<Thread>();
        var handler = new CountingHandler
        {
            OnInterruption = _ =>
            {
                threads.Enqueue(Thread.CurrentThread);
                told.Set();
            },
        };

        (Thread caller, INatsKvWatch watch) = await BlockingCalls.OnOwnThread(() =>
        {
            INatsKvWatch watch = client.Bind("bucket").StartWatch(handler);
            Assert.True(told.Wait(Patience));
            return (Thread.CurrentThread, watch);
        });
        await watch.DisposeAsync();

        Assert.DoesNotContain(caller, threads);
    }

    private static async Task<NatsServer> StartWithoutInboxesAsync(int keys)
    {
        // Replies come in under '_INBOX.*.*'; a consumer's own inbox has one token less.
        NatsServer own = await NatsServer.StartAsync(
            new NatsServerOptions
            {
                ExtraConfiguration = """
                    authorization {
                      users = [
                        { user: admin, password: admins-password }
                        { user: reader, password: readers-password, permissions: { publish: [ ">" ], subscribe: [ "_INBOX.*.*" ] } }
                      ]
                    }
                    """,
            },
            Ct);
        await using var admin = new NatsKvClient(new NatsKvOptions { Url = own.Url, User = "admin", Password = "admins-password" });
        INatsKvBucket bucket = await admin.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket" }, Ct);
        for (int i = 0; i < keys; i++)
        {
            await bucket.PutAsync($"key.{i}", "v", cancellationToken: Ct);
        }

        return own;
    }

    private static NatsKvClient Restricted(NatsServer own, Func<NatsKv.Transport.NatsTransportContext, NatsKv.Transport.INatsTransport>? factory = null) =>
        new(new NatsKvOptions { Url = own.Url, User = "reader", Password = "readers-password", TransportFactory = factory });
}
