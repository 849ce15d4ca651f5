using System.Buffers;
using System.Diagnostics;
using NatsKv.Testing;
using NatsKv.TestKit;

namespace NatsKv.Tests.Watching.Interruptions;

/// <summary>What has told of itself, or hasn't happened, is no reason to give everything anew.</summary>
public sealed class NoNeedlessResetTests(Server server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(">", false)]
    [InlineData("*", false)]
    [InlineData(">", true)]
    public async Task ReconnectWithOverwritesAndRemovals_NoReset(string filter, bool keysCanExpire)
    {
        await using Followed followed = await Followed.StartAsync(
            server,
            ["a", "b", "c"],
            config => keysCanExpire ? config with { LimitMarkerTtl = TimeSpan.FromMinutes(1) } : config,
            new NatsKvWatchOptions { Filters = [filter] });
        for (int round = 0; round < 3; round++)
        {
            Task<string[]> next = followed.Watch.ReadAsync(3);
            await followed.WhileAwayAsync(async () =>
            {
                await followed.Bucket.DeleteAsync("b", cancellationToken: Ct);
                await followed.Bucket.PutAsync("c", $"{round}", cancellationToken: Ct);
                await followed.Bucket.PutAsync("a", "first", cancellationToken: Ct);
                await followed.Bucket.PutAsync("a", "second", cancellationToken: Ct);
            });
            Assert.Equal(["b= Delete", $"c={round} Put", "a=second Put"], await next);
        }

        await followed.HasNoResetAsync();
    }

    [Fact]
    public async Task ReconnectOfAnIdleBucketWhoseKeysExpireInSilence_NoReset()
    {
        await using Followed followed = await Followed.StartAsync(server, ["a"], static config => config with { MaxAge = TimeSpan.FromHours(1) });

        await followed.WhileAwayAsync(static () => Task.CompletedTask);

        await followed.HasNoResetAsync();
    }

    [Fact]
    public async Task KeysThatExpireInSilenceAllTheTime_NotGivenAnewOnAndOn()
    {
        TimeSpan life = TimeSpan.FromSeconds(2.5);
        TimeSpan step = TimeSpan.FromMilliseconds(10);
        var time = new ManualTimeProvider();
        await using Followed followed = await Followed.StartAsync(server, ["a"], config => config with { MaxAge = life }, time: time);
        ulong last = 0;
        int resets = 0;
        Task reading = ReadAsync();
        int written = 0;
        await WriteUntilAsync(isAway: false, life, static () => true);

        // Keys expired that nobody could have told of: that is found out once the watch is back.
        await followed.WhileAwayAsync(() => followed.HasNotAsync("key.0"));
        await WriteUntilAsync(isAway: true, TimeSpan.Zero, () => Volatile.Read(ref resets) > 0);

        // Longer than a key lives: all that was given anew expires.
        int asked = followed.Questions;
        await WriteUntilAsync(isAway: false, life, () => followed.Questions >= asked + 3);
        await followed.Bucket.PutAsync("sentinel", "1", cancellationToken: Ct);
        await reading;
        Assert.Equal(1, resets);

        // Time goes on for the watch when it has seen what was written, or when it can't.
        async Task WriteUntilAsync(bool isAway, TimeSpan atLeast, Func<bool> condition)
        {
            long start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start) < atLeast || !condition())
            {
                Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), "It takes too long.");
                Assert.False(reading.IsFaulted, $"{reading.Exception}");
                ulong revision = await followed.Bucket.PutAsync($"key.{written++}", "1", cancellationToken: Ct);
                await Task.Delay(step, Ct);
                if (isAway || Volatile.Read(ref last) >= revision)
                {
                    time.Advance(step);
                }
            }
        }

        async Task ReadAsync()
        {
            NatsKvWatchEvent item;
            do
            {
                item = await followed.Watch.NextAsync("the sentinel");
                Volatile.Write(ref last, item.Entry?.Revision ?? Volatile.Read(ref last));
                Volatile.Write(ref resets, resets + (item.Kind == NatsKvWatchEventKind.Reset ? 1 : 0));
            }
            while (item.Entry?.Key != "sentinel");
        }
    }

    [Fact]
    public async Task KeysThatExpireWithMarkers_AreToldAndNeedNoReset()
    {
        var time = new ManualTimeProvider();
        await using Followed followed = await Followed.StartAsync(
            server, ["a"], static config => config with { LimitMarkerTtl = TimeSpan.FromSeconds(1) }, time: time);
        await followed.Bucket.PutAsync("short", new ReadOnlySequence<byte>("1"u8.ToArray()), new NatsKvWriteOptions { TimeToLive = TimeSpan.FromSeconds(1) }, Ct);
        Assert.Equal(["short=1 Put", "short= Purge"], await followed.Watch.ReadAsync(2));
        await followed.HasAsync(1);

        await followed.HasNoResetAsync();
    }

    [Fact]
    public async Task MarkersClearedAwayThatHadBeenToldOf_NoReset()
    {
        await using Followed followed = await Followed.StartAsync(server, ["a", "b"]);
        await followed.Bucket.DeleteAsync("a", cancellationToken: Ct);
        Assert.Equal(["a= Delete"], await followed.Watch.ReadAsync(1));

        await followed.WhileAwayAsync(() => followed.ClearAsync("a"));

        await followed.HasNoResetAsync();
    }

    [Fact]
    public async Task ServerKilledAndRestarted_WritesAroundIt_NoReset()
    {
        await using NatsServer own = await NatsServer.StartAsync(ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = own.Url });
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket" }, Ct);
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        await bucket.PutAsync("b", "1", cancellationToken: Ct);
        await using WatchReader watch = new(bucket.WatchAsync(new NatsKvWatchOptions { IdleHeartbeat = TimeSpan.FromMilliseconds(200) }, Ct));
        Assert.Equal(["a=1 Put", "b=1 Put", "complete"], await watch.ReadAsync(3));

        for (int round = 0; round < 3; round++)
        {
            await bucket.PutAsync("a", $"before {round}", cancellationToken: Ct);
            await own.KillAsync(Ct);
            await own.RestartAsync(ct: Ct);
            await Eventually.GetAsync<object>(async () => await bucket.PutAsync("a", $"after {round}", cancellationToken: Ct), "a write after the restart", ct: Ct);
            string last;
            do
            {
                last = Assert.Single(await watch.ReadAsync(1));
                Assert.StartsWith("a=", last, StringComparison.Ordinal);
            }
            while (!string.Equals(last, $"a=after {round} Put", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task LeaderThatIsBehindForAMoment_IsAskedAgainAndNoReset()
    {
        await using Followed followed = await Followed.StartAsync(server, ["a"]);
        byte[]? old = null;
        Task<string[]> next = followed.Watch.ReadAsync(1);
        followed.Replace((subject, answer) => IsAboutTheStream(subject) ? old ??= answer : answer);
        await Eventually.TrueAsync(() => Volatile.Read(ref old) is not null, "an answer about the stream", ct: Ct);
        int late = 0;
        followed.Replace((subject, answer) => IsAboutTheStream(subject) && Volatile.Read(ref late) is > 0 and < 4 && Interlocked.Increment(ref late) > 0 ? old! : answer);
        await followed.Bucket.PutAsync("b", "1", cancellationToken: Ct);
        Assert.Equal(["b=1 Put"], await next);

        // What a leader says that was elected a moment ago: the truth of a moment before.
        await followed.WhileAwayAsync(() => Task.FromResult(Interlocked.Exchange(ref late, 1)));

        Task<string[]> quiet = followed.Watch.ReadAsync(1);
        await Eventually.EqualAsync(4, () => Volatile.Read(ref late), "three answers of a moment before", ct: Ct);
        await followed.HasNoResetAsync(quiet);

        static bool IsAboutTheStream(string subject) => subject.Contains("STREAM.INFO", StringComparison.Ordinal);
    }

    [Fact]
    public async Task LeaderStepsDownAgainAndAgainUnderWrites_NoReset()
    {
        await using NatsCluster cluster = await NatsCluster.StartAsync(ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = cluster.Url, RequestTimeout = TimeSpan.FromSeconds(10) });
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket", Replicas = 3 }, Ct);
        var entries = 0;
        var resets = 0;
        var handler = new CountingResets(() => entries++, () => resets++);
        await using INatsKvWatch watch = bucket.StartWatch(handler, new NatsKvWatchOptions { IdleHeartbeat = TimeSpan.FromMilliseconds(200) });

        ulong last = 0;
        for (int i = 0; i < 60; i++)
        {
            last = (ulong)await Eventually.GetAsync<object>(async () => await bucket.PutAsync($"key.{i % 7}", $"{i}", cancellationToken: Ct), "a write", ct: Ct);
            if (i % 20 == 10)
            {
                await cluster.StepDownStreamLeaderAsync("KV_bucket", Ct);
            }
        }

        await watch.WaitForRevisionAsync(last, Ct);
        Assert.True(entries >= 7, $"{entries} entries are too few.");
        Assert.Equal(0, resets);
    }

    private sealed class CountingResets(Action onEntry, Action onReset) : INatsKvWatchHandler
    {
        public void OnEntry(NatsKvEntryView entry) => onEntry();

        public void OnInitialDataComplete()
        {
        }

        public void OnReset() => onReset();

        public void OnInterrupted(Exception cause)
        {
        }
    }
}
