using Microsoft.Extensions.Logging.Abstractions;
using NatsKv.Connection;
using NatsKv.TestKit;

namespace NatsKv.Tests.Connection;

/// <summary>Callers' code runs on the connection's own thread while it is quick. Whatever it does there, it harms nobody else.</summary>
public sealed class ContinuationTests(Server server)
{
    private const int Rounds = 2000;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task QuickCode_RunsOnTheReadingThread()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await NewBucketAsync(NatsKvContinuations.Adaptive);
        await using NatsKvClient _ = client;

        // On a busy machine the quickest code takes its time now and then, and goes to the pool for a while.
        await Eventually.TrueAsync(async () => await InlineRoundsAsync(bucket) > Rounds / 2, "most continuations run on the reading thread", ct: Ct);
    }

    [Fact]
    public async Task ThreadPoolOption_NeverRunsCodeOnTheReadingThread()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await NewBucketAsync(NatsKvContinuations.ThreadPool);
        await using NatsKvClient _ = client;

        Assert.Equal(0, await InlineRoundsAsync(bucket));
    }

    [Fact]
    public async Task CodeThatBlocks_HoldsUpNobodyElse()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await NewBucketAsync();
        await using NatsKvClient _ = client;
        var release = new ManualResetEventSlim();
        Task<bool> blocked = OnReadingThreadAsync(bucket, () => release.Wait(Deadline));

        for (int i = 0; i < 100; i++)
        {
            await bucket.GetAsync("key", Ct).AsTask().WaitAsync(Deadline, Ct);
        }

        Assert.False(blocked.IsCompleted);
        release.Set();
        Assert.True(await blocked.WaitAsync(Deadline, Ct));
    }

    [Fact]
    public async Task CodeThatNeverReturns_AgainAndAgain_HoldsUpNobodyElse()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await NewBucketAsync();
        await using NatsKvClient _ = client;
        var never = new ManualResetEventSlim();

        var lost = new List<Task>();
        for (int i = 0; i < 10; i++)
        {
            lost.Add(OnReadingThreadAsync(bucket, () => never.Wait(Timeout.Infinite, CancellationToken.None)));
            Assert.NotNull(await bucket.GetAsync("key", Ct).AsTask().WaitAsync(Deadline, Ct));
        }

        Assert.DoesNotContain(lost, static task => task.IsCompleted);
        never.Set();
    }

    [Fact]
    public async Task CodeThatCallsBlockingMethods_ReturnsAndSoDoOthers()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await NewBucketAsync();
        await using NatsKvClient _ = client;

        Task<bool>[] calls = [.. Enumerable.Range(0, 20).Select(_ => OnReadingThreadAsync(bucket, () =>
            bucket.Blocking.Read("key", 0, static (entry, _) => entry.Value.Length) == 5
            && bucket.Blocking.Read("key", 0, static (entry, _) => entry.Value.Length) == 5))];
        bool[] results = await Task.WhenAll(calls).WaitAsync(Deadline, Ct);

        Assert.DoesNotContain(false, results);
        Assert.NotNull(await bucket.GetAsync("key", Ct));
    }

    [Fact]
    public async Task CodeThatWaitsForAnotherOperation_ReturnsAndSoDoOthers()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await NewBucketAsync();
        await using NatsKvClient _ = client;

        // Sync over async, as it shouldn't be done: the answer comes on the thread that is blocked here.
        bool done = await OnReadingThreadAsync(bucket, () => bucket.GetAsync("key", Ct).AsTask().Wait(Deadline)).WaitAsync(Deadline, Ct);

        Assert.True(done);
    }

    [Fact]
    public void BareContinuationThatThrows_IsLoggedAndTheThreadReadsOn()
    {
        var policy = new ContinuationPolicy(TimeProvider.System, NatsKvContinuations.Adaptive);
        var reader = new ReaderThread(new ReaderCrew(null!, policy, NullLogger.Instance));

        Assert.True(reader.Run(new ThrowingContinuation(), NullLogger.Instance));
        Assert.False(reader.IsDeposed);
    }

    [Fact]
    public void ReaderDeposedWhileItRunsCode_LosesTheRole()
    {
        var policy = new ContinuationPolicy(TimeProvider.System, NatsKvContinuations.Adaptive);
        var reader = new ReaderThread(new ReaderCrew(null!, policy, NullLogger.Instance));
        bool deposed = false;
        bool deposedTwice = true;

        bool readsOn = reader.Run(
            new CallbackContinuation(() =>
            {
                long phase = reader.Phase;
                deposed = reader.TryDepose(phase);
                deposedTwice = reader.TryDepose(phase);
            }),
            NullLogger.Instance);

        Assert.True(deposed);
        Assert.False(deposedTwice);
        Assert.False(readsOn);
        Assert.False(reader.TryDepose(reader.Phase));
        reader.Reinstate();
        Assert.False(reader.TryDepose(reader.Phase), "Between items there is nothing to be deposed for.");
    }

    [Fact]
    public async Task RoleGivenAwayWhenTheCrewIsDisposed_TheSessionIsReadToItsEnd()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await NewBucketAsync();
        await using NatsKvClient _ = client;

        await OnReadingThreadAsync(bucket, () =>
        {
            ReaderThread reader = ReaderThread.Current!;
            reader.Crew.Dispose();
            reader.Crew.HandOver(reader);
            return true;
        });

        // Nobody would notice the end of the session otherwise, and the supervisor would wait for it for ever.
        Assert.NotNull(await bucket.GetAsync("key", Ct));
    }

    [Fact]
    public async Task CrewDisposedBeforeASession_DoesNotWaitForItsEnd()
    {
        var crew = new ReaderCrew(null!, new ContinuationPolicy(TimeProvider.System, NatsKvContinuations.Adaptive), NullLogger.Instance);
        crew.Dispose();

        Assert.Null(await Task.Run(() => crew.Read(null!), Ct).WaitAsync(Deadline, Ct));
    }

    [Fact]
    public async Task CodeThatBlocksWhenTheConnectionBreaks_TheClientReconnects()
    {
        await using Testing.TcpProxy proxy = await Testing.TcpProxy.StartAsync("127.0.0.1", server.Server.Port, ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = proxy.Url, Continuations = NatsKvContinuations.Inline });
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = server.NewName() }, Ct);
        await bucket.PutAsync("key", "value", cancellationToken: Ct);
        var release = new ManualResetEventSlim();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<bool> blocked = OnReadingThreadAsync(bucket, () =>
        {
            entered.SetResult();
            return release.Wait(Deadline);
        });
        await entered.Task.WaitAsync(Deadline, Ct);

        await proxy.CutAsync();

        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    return await bucket.GetAsync("key", Ct) is not null;
                }
                catch (NatsKvConnectionException)
                {
                    return false;
                }
            },
            "a get after the cut",
            ct: Ct);
        release.Set();
        Assert.True(await blocked.WaitAsync(Deadline, Ct));
    }

    [Fact]
    public async Task ManyCallersSomeOfWhichBlock_EveryoneGetsItsOwnAnswer()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await NewBucketAsync();
        await using NatsKvClient _ = client;
        for (int key = 0; key < 64; key++)
        {
            await bucket.PutAsync($"key.{key}", $"value {key}", cancellationToken: Ct);
        }

        await Task.WhenAll(Enumerable.Range(0, 64).Select(caller => Task.Run(
            async () =>
            {
                for (int i = 0; i < 300; i++)
                {
                    NatsKvEntry? entry = await bucket.GetAsync($"key.{(caller + i) % 64}", Ct).ConfigureAwait(false);
                    Assert.Equal($"value {(caller + i) % 64}", entry!.GetString());
                    if (caller % 16 == 0 && i % 100 == 0)
                    {
                        new ManualResetEventSlim().Wait(TimeSpan.FromMilliseconds(30), Ct);
                    }
                }
            },
            Ct))).WaitAsync(Deadline, Ct);
    }

    private async Task<(NatsKvClient Client, INatsKvBucket Bucket)> NewBucketAsync(NatsKvContinuations continuations = NatsKvContinuations.Inline)
    {
        NatsKvClient client = server.NewClient(options => options.Continuations = continuations);
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = server.NewName(), Storage = NatsKvStorage.Memory }, Ct);
        await bucket.PutAsync("key", "value", cancellationToken: Ct);
        return (client, bucket);
    }

    // How many of many quick continuations ran on the reading thread.
    private static Task<int> InlineRoundsAsync(INatsKvBucket bucket) => Task.Run(
        async () =>
        {
            int inline = 0;
            for (int i = 0; i < Rounds; i++)
            {
                await bucket.GetAsync("key", Ct).ConfigureAwait(false);
                inline += ReaderThread.Current is null ? 0 : 1;
            }

            await Task.Yield();
            return inline;
        },
        Ct);

    // Runs code on the reading thread, as soon as a continuation happens to come there.
    private static Task<bool> OnReadingThreadAsync(INatsKvBucket bucket, Func<bool> code) => Task.Run(
        async () =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                await bucket.GetAsync("key", Ct).ConfigureAwait(false);
                if (ReaderThread.Current is not null)
                {
                    bool result = code();
                    await Task.Yield();
                    return result;
                }
            }

            throw new InvalidOperationException("No continuation came to the reading thread.");
        },
        Ct);

    private sealed class ThrowingContinuation : Continuation
    {
        public override void Complete() => throw new InvalidTimeZoneException("mine");
    }

    private sealed class CallbackContinuation(Action callback) : Continuation
    {
        public override void Complete() => callback();
    }
}
