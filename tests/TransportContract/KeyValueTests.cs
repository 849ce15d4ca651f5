using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using NatsKv.TestKit;
using NatsKv.Testing;

namespace NatsKv.TransportContract;

/// <summary>The client as a whole over a transport: enough of everything to see that the operations don't care which it is.</summary>
public abstract class KeyValueTests(NatsServerFixture server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>A client, and what must be disposed after it.</summary>
    protected abstract (NatsKvClient Client, IAsyncDisposable Foundation) Connect(NatsKvOptions options);

    [Fact]
    public async Task Entries_AreWrittenReadComparedAndRemoved()
    {
        (NatsKvClient client, IAsyncDisposable foundation) = Connect(new NatsKvOptions { Url = server.Url });
        await using IAsyncDisposable _ = foundation;
        await using NatsKvClient __ = client;
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = server.NewName(), History = 5 }, Ct);

        Assert.Null(await bucket.GetAsync("key", Ct));
        ulong first = await bucket.CreateAsync("key", "1", cancellationToken: Ct);
        await Assert.ThrowsAsync<NatsKvKeyExistsException>(async () => await bucket.CreateAsync("key", "again", cancellationToken: Ct));
        ulong second = await bucket.UpdateAsync("key", "2", first, cancellationToken: Ct);
        NatsKvRevisionMismatchException thrown =
            await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(async () => await bucket.UpdateAsync("key", "3", first, cancellationToken: Ct));
        Assert.Equal(second, thrown.ActualRevision);
        var headers = new NatsKvHeaders { { "App-Version", "3" }, { "app-version", "lower" } };
        await bucket.PutAsync("key.with.headers", new ReadOnlySequence<byte>("value"u8.ToArray()), new NatsKvWriteOptions { Headers = headers }, Ct);

        string[]? stored = await bucket.ReadAsync<object?, string[]>("key.with.headers", null, static (entry, _) => [Encoding.UTF8.GetString(entry.Value), .. Lines(entry.Headers)], cancellationToken: Ct);
        Assert.Equal(["value", "App-Version=3", "app-version=lower"], stored!);
        Assert.Equal("1", (await bucket.GetRevisionAsync("key", first, Ct))!.GetString());
        Assert.Equal(["key", "key.with.headers"], await bucket.GetKeysAsync(cancellationToken: Ct).Order(StringComparer.Ordinal).ToArrayAsync(Ct));

        await bucket.DeleteAsync("key", cancellationToken: Ct);
        Assert.Null(await bucket.GetAsync("key", Ct));
        await bucket.PurgeAsync("key.with.headers", cancellationToken: Ct);
        Assert.Empty(await bucket.GetKeysAsync(cancellationToken: Ct).ToArrayAsync(Ct));
        Assert.Equal(["1 Put", "2 Put", " Delete"], await bucket.GetHistoryAsync("key", Ct).Select(static old => $"{old.GetString()} {old.Operation}").ToArrayAsync(Ct));
        Assert.True(await client.DeleteBucketAsync(bucket.Name, Ct));
        await Assert.ThrowsAsync<NatsKvBucketNotFoundException>(async () => await client.GetBucketAsync(bucket.Name, Ct));
    }

    [Fact]
    public async Task TimeToLive_RemovesTheEntryAndTheWatchIsTold()
    {
        (NatsKvClient client, IAsyncDisposable foundation) = Connect(new NatsKvOptions { Url = server.Url });
        await using IAsyncDisposable _ = foundation;
        await using NatsKvClient __ = client;
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = server.NewName(), LimitMarkerTtl = TimeSpan.FromSeconds(30) }, Ct);
        var seen = new ConcurrentQueue<string>();
        await using INatsKvWatch watch = bucket.StartWatch(new Recorder(seen));

        ulong revision = await bucket.PutAsync("short", "value", TimeSpan.FromSeconds(3), Ct);

        // Its marker, if the machine was busy for longer than it lived.
        NatsKvEntry found = (await bucket.GetAsync("short", new NatsKvReadOptions { IncludeDeleted = true }, Ct))!;
        Assert.True(found is { Operation: NatsKvOperation.Put } ? found.Revision == revision : found.Revision > revision, $"{found.Operation} {found.Revision}");

        await Eventually.TrueAsync(async () => await bucket.GetAsync("short", Ct) is null, "the entry expires", ct: Ct);
        await Eventually.TrueAsync(() => seen.Any(static text => text.StartsWith("short=", StringComparison.Ordinal) && !text.EndsWith(" Put", StringComparison.Ordinal)), "the watch hears of it", ct: Ct);
    }

    [Fact]
    public async Task BlockingCalls_Work()
    {
        (NatsKvClient client, IAsyncDisposable foundation) = Connect(new NatsKvOptions { Url = server.Url });
        await using IAsyncDisposable _ = foundation;
        await using NatsKvClient __ = client;
        string name = server.NewName();

        string? read = await OwnThread.RunAsync(() =>
        {
            INatsKvBlockingBucket bucket = client.Blocking.CreateBucket(new NatsKvBucketConfig { Bucket = name }, Ct).Blocking;
            bucket.Put("key", new ReadOnlySequence<byte>("value"u8.ToArray()));
            bucket.Put("gone", new ReadOnlySequence<byte>("value"u8.ToArray()));
            bucket.Purge("gone");
            Assert.Null(bucket.Read("gone", 0, static (_, _) => "there"));
            return bucket.Read("key", 0, static (entry, _) => Encoding.UTF8.GetString(entry.Value));
        });

        Assert.Equal("value", read);
    }

    [Fact]
    public async Task Watch_GivesWhatThereIsAndThenEveryChange()
    {
        const int count = 20_000;
        (NatsKvClient client, IAsyncDisposable foundation) = Connect(new NatsKvOptions { Url = server.Url });
        await using IAsyncDisposable _ = foundation;
        await using NatsKvClient __ = client;
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = server.NewName(), Storage = NatsKvStorage.Memory }, Ct);
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Ct }, async (i, token) =>
            await bucket.PutAsync($"key.{i}", $"{i}", cancellationToken: token));
        var seen = new ConcurrentQueue<string>();

        await using INatsKvWatch watch = bucket.StartWatch(new Recorder(seen));
        await Eventually.TrueAsync(() => seen.Contains("complete"), "the initial data is complete", ct: Ct);
        await bucket.PutAsync("key.0", "changed", cancellationToken: Ct);
        await bucket.DeleteAsync("key.1", cancellationToken: Ct);

        await Eventually.EqualAsync(count + 3, () => seen.Count, "events seen", ct: Ct);
        Assert.Equal(["complete", "key.0=changed Put", "key.1= Delete"], seen.TakeLast(3));
        Assert.Equal(count, seen.Take(count).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Watch_ServerKilledAndRestartedAgainAndAgain_NothingIsMissedOrRepeated()
    {
        await using NatsServer own = await NatsServer.StartAsync(ct: Ct);
        (NatsKvClient client, IAsyncDisposable foundation) = Connect(new NatsKvOptions { Url = own.Url });
        await using IAsyncDisposable _ = foundation;
        await using NatsKvClient __ = client;
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket", History = 64 }, Ct);
        var seen = new ConcurrentQueue<ulong>();
        await using INatsKvWatch watch = bucket.StartWatch(new Recorder(new(), entry => seen.Enqueue(entry.Revision)));
        await Eventually.TrueAsync(() => watch.State == NatsKvWatchState.Following, "the watch follows", ct: Ct);

        ulong last = 0;
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 30; i++)
            {
                last = await bucket.PutAsync($"key.{i}", $"{round}", cancellationToken: Ct);
            }

            await own.KillAsync(Ct);
            await own.RestartAsync(ct: Ct);
            await Eventually.TrueAsync(
                async () =>
                {
                    try
                    {
                        last = await bucket.PutAsync("marker", $"{round}", cancellationToken: Ct);
                        return true;
                    }
                    catch (NatsKvException exception) when (exception.IsTransient)
                    {
                        return false;
                    }
                },
                "a put after the restart",
                ct: Ct);
        }

        await Eventually.EqualAsync(last, () => seen.LastOrDefault(), "the last revision seen", ct: Ct);
        Assert.Equal(Enumerable.Range(1, (int)last).Select(static i => (ulong)i), seen);
    }

    [Fact]
    public async Task Watch_DisposedByItsHandler_EndsWithoutWaitingForItself()
    {
        (NatsKvClient client, IAsyncDisposable foundation) = Connect(new NatsKvOptions { Url = server.Url });
        await using IAsyncDisposable _ = foundation;
        await using NatsKvClient __ = client;
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = server.NewName() }, Ct);

        // One that waits for itself takes a second, each time; once in a while a busy machine takes half of that for nothing.
        double took = double.MaxValue;
        for (int round = 0; round < 5 && took > 0.5; round++)
        {
            var started = new TaskCompletionSource<INatsKvWatch>(TaskCreationOptions.RunContinuationsAsynchronously);
            var disposed = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
            started.SetResult(bucket.StartWatch(new Recorder(new(), _ =>
            {
                INatsKvWatch own = started.Task.Result;
                long start = TimeProvider.System.GetTimestamp();
                own.Dispose();
                disposed.TrySetResult(TimeProvider.System.GetElapsedTime(start));
            })));

            await bucket.PutAsync("key", "value", cancellationToken: Ct);
            took = (await disposed.Task.WaitAsync(TimeSpan.FromSeconds(60), Ct)).TotalSeconds;
            INatsKvWatch watch = await started.Task;
            await Eventually.TrueAsync(() => watch.State == NatsKvWatchState.Stopped, "the watch has ended", ct: Ct);
        }

        Assert.InRange(took, 0, 0.5);
    }

    private static List<string> Lines(NatsKvHeaderBlock headers)
    {
        var lines = new List<string>();
        foreach (NatsKvHeaderLine line in headers)
        {
            string name = Encoding.UTF8.GetString(line.Name);
            if (name.StartsWith("app-", StringComparison.OrdinalIgnoreCase))
            {
                lines.Add($"{name}={Encoding.UTF8.GetString(line.Value)}");
            }
        }

        return lines;
    }

    private sealed class Recorder(ConcurrentQueue<string> seen, Action<NatsKvEntry>? onEntry = null) : INatsKvWatchHandler
    {
        public void OnEntry(NatsKvEntryView entry)
        {
            NatsKvEntry copy = entry.ToEntry();
            seen.Enqueue($"{copy.Key}={copy.GetString()} {copy.Operation}");
            onEntry?.Invoke(copy);
        }

        public void OnInitialDataComplete() => seen.Enqueue("complete");

        public void OnReset() => seen.Enqueue("reset");

        public void OnInterrupted(Exception cause)
        {
        }
    }
}
