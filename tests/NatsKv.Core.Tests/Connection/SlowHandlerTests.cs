using System.Collections.Concurrent;
using NatsKv.Connection;
using NatsKv.TestKit;

namespace NatsKv.Tests.Connection;

/// <summary>A watch handler runs on the reading thread, among our own continuations. One that is slow all the same harms nobody else.</summary>
public sealed class SlowHandlerTests(Server server)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(NatsKvWatchEventKind.Entry)]
    [InlineData(NatsKvWatchEventKind.InitialDataComplete)]
    public async Task HandlerBlocks_CallsOfTheSameClientGoOn(NatsKvWatchEventKind when)
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await bucket.PutAsync("key", "value", cancellationToken: Ct);
        using var handler = new BlockingHandler(when);
        INatsKvWatch watch = bucket.StartWatch(handler);
        await Eventually.TrueAsync(() => handler.IsBlocked || handler.IsComplete, "the initial data is complete", ct: Ct);
        Task<ulong> change = bucket.PutAsync("live", "value", cancellationToken: Ct).AsTask();
        await handler.Blocked.WaitAsync(Deadline, Ct);

        // The stand-by takes a few milliseconds to find out, once; nothing may wait for the handler, which would keep everything for a minute.
        // One that finds the thread held waits for the stand-by; on a busy machine some wait for a processor too, but not half of them each time.
        int writes = 0;
        double median = double.MaxValue;
        for (int round = 0; round < 5 && median > 75; round++)
        {
            var took = new List<double>();
            for (int i = 0; i < 20; i++)
            {
                long start = TimeProvider.System.GetTimestamp();
                Assert.NotNull(await bucket.GetAsync("key", Ct).AsTask().WaitAsync(Deadline, Ct));
                await bucket.PutAsync("other", $"{++writes}", cancellationToken: Ct).AsTask().WaitAsync(Deadline, Ct);
                took.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
            }

            median = took.Order().ElementAt(took.Count / 2);
        }

        await change.WaitAsync(Deadline, Ct);
        Assert.True(handler.IsBlocked, "The handler was no test any more.");
        Assert.InRange(median, 0, 75);
        handler.Release();
        await Eventually.TrueAsync(() => handler.LastValue == $"{writes}", "the watch goes on where it was", ct: Ct);
        await watch.DisposeAsync();
    }

    [Fact]
    public async Task CallersGoToThePool_HandlersDoNot()
    {
        await using NatsKvClient client = server.NewClient(static options => options.Continuations = NatsKvContinuations.ThreadPool);
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = server.NewName() }, Ct);
        var threads = new ConcurrentQueue<(bool IsOurs, bool IsPool)>();
        await using INatsKvWatch watch = bucket.StartWatch(new Watching.RecordingHandler(
            _ => threads.Enqueue((ConnectionThread.IsCurrent, Thread.CurrentThread.IsThreadPoolThread))));

        // What is there when the watch begins may be handed over by the thread that begins it.
        await Eventually.TrueAsync(
            async () =>
            {
                await watch.WaitForRevisionAsync(await bucket.PutAsync("key", "value", cancellationToken: Ct), Ct);
                return threads.Any(static thread => thread.IsOurs);
            },
            "a call on the connection's thread",
            ct: Ct);

        Assert.DoesNotContain(threads, static thread => thread.IsPool);
    }

    private sealed class BlockingHandler(NatsKvWatchEventKind when) : INatsKvWatchHandler, IDisposable
    {
        private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

        private readonly ManualResetEventSlim _release = new();
        private readonly TaskCompletionSource _blocked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _isComplete;
        private volatile bool _isBlocked;
        private volatile string? _lastValue;

        public Task Blocked => _blocked.Task;

        public bool IsComplete => _isComplete;

        public bool IsBlocked => _isBlocked;

        public string? LastValue => _lastValue;

        public void Release() => _release.Set();

        public void OnEntry(NatsKvEntryView entry)
        {
            _lastValue = entry.ToEntry().GetString();
            if (entry.Key == "live")
            {
                BlockIf(NatsKvWatchEventKind.Entry);
            }
        }

        public void OnInitialDataComplete()
        {
            BlockIf(NatsKvWatchEventKind.InitialDataComplete);
            _isComplete = true;
        }

        public void OnReset()
        {
        }

        public void OnInterrupted(Exception cause)
        {
        }

        public void Dispose() => _release.Set();

        private void BlockIf(NatsKvWatchEventKind kind)
        {
            if (kind == when && !_release.IsSet)
            {
                _isBlocked = true;
                _blocked.TrySetResult();
                _release.Wait(Longest, CancellationToken.None);
                _isBlocked = false;
                _release.Set();
            }
        }
    }
}
