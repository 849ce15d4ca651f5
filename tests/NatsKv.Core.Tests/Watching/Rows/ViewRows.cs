using System.Collections.Concurrent;
using NatsKv.TestKit;
using NatsKv.Testing;
using NatsKv.Tests.Connection;

namespace NatsKv.Tests.Watching.Rows;

/// <summary>W24: a view in memory.</summary>
public sealed class ViewRows(ServerVersions servers) : RowTests(servers)
{
    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W24_View_HoldsTheLatestOfEachKeyAndFollows(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version, config => config with { History = 3 });
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        await bucket.PutAsync("a", "2", cancellationToken: Ct);
        await bucket.PutAsync("b", "1", cancellationToken: Ct);
        await bucket.PutAsync("c", "1", cancellationToken: Ct);
        await bucket.DeleteAsync("c", cancellationToken: Ct);
        NatsKvView view = Own(bucket.StartView());
        await view.WaitForRevisionAsync(5, Ct);
        Assert.Equal("a=2,b=1", Text(view));
        Assert.Equal((2, true, false), (view.Count, view.ContainsKey("a"), view.ContainsKey("c")));
        Assert.Equal(["a", "b"], view.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["1", "2"], view.Values.Select(static entry => entry.GetString()).Order(StringComparer.Ordinal));
        Assert.Equal(bucket.Name, view.Bucket);
        Assert.Equal(2UL, view["a"].Revision);
        Assert.Throws<KeyNotFoundException>(() => view["c"]);

        await bucket.PutAsync("c", "3", cancellationToken: Ct);
        await bucket.PurgeAsync("a", cancellationToken: Ct);
        ulong last = await bucket.DeleteAsync("b", cancellationToken: Ct);
        await view.WaitForRevisionAsync(last, Ct);

        Assert.Equal("c=3", Text(view));
        Assert.True(view.Status.LastRevision >= last);
        Assert.Equal(NatsKvWatchState.Following, (await view.WaitForStateAsync(NatsKvWatchState.Following, Ct)).State);
    }

    [Fact]
    public async Task W24_OwnWrites_AreReadAfterWaitingForTheirRevision()
    {
        INatsKvBucket bucket = await NewBucketAsync();
        NatsKvView view = Own(bucket.StartView());
        for (int i = 0; i < 50; i++)
        {
            await view.WaitForRevisionAsync(await bucket.PutAsync("a", $"{i}", cancellationToken: Ct), Ct);
            Assert.Equal($"{i}", view["a"].GetString());
        }
    }

    [Fact]
    public async Task W24_BucketMadeAnew_SwapsAtOnceWhenTheNewContentIsComplete()
    {
        const int Count = 3000;
        INatsKvBucket bucket = await NewBucketAsync();
        NatsKvClient client = await NewClientAsync();
        await FillAsync(bucket, Count, static _ => "old");
        RecordingTransport? transport = null;
        NatsKvClient viewer = Own(new NatsKvClient(new NatsKvOptions
        {
            Url = (await Servers.GetAsync(NatsServerVersion.Latest)).Url,
            TransportFactory = context => transport = new RecordingTransport(context),
        }));
        NatsKvView view = Own(viewer.Bind(bucket.Name).StartView(new NatsKvWatchOptions { IdleHeartbeat = TimeSpan.FromMilliseconds(200) }));
        await view.WaitForRevisionAsync(Count, Ct);
        Assert.Equal(Count, view.Count);
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        int least = int.MaxValue;
        var reader = new Thread(() =>
        {
            do
            {
                least = Math.Min(least, view.Count);
            }
            while (!watching.IsCancellationRequested);
        });
        reader.Start();

        // The view must not find the new bucket before it is full: what it holds then is all there is.
        var filled = new TaskCompletionSource();
        transport!.BeforeRequest = _ => new ValueTask(filled.Task);
        await client.DeleteBucketAsync(bucket.Name, Ct);
        await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = bucket.Name, Storage = NatsKvStorage.Memory }, Ct);
        await FillAsync(bucket, Count - 1, static _ => "new");
        ulong last = await bucket.PutAsync("other", "new", cancellationToken: Ct);

        filled.SetResult();
        await Eventually.TrueAsync(() => view.ContainsKey("other"), "the new content", ct: Ct);
        await watching.CancelAsync();
        reader.Join();
        Assert.Equal(Count, view.Count);
        Assert.False(view.ContainsKey($"key.{Count - 1}"));
        Assert.All(view.Values, static entry => Assert.Equal("new", entry.GetString()));
        Assert.Equal(Count, least);
        await view.WaitForRevisionAsync(last, Ct);
    }

    [Fact]
    public async Task W24_Changes_AreToldWithWhatWasBefore()
    {
        // With a history of one, a revision that is overwritten before the server has sent it is never told at all.
        INatsKvBucket bucket = await NewBucketAsync(change: static config => config with { History = 5 });
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        var changes = new ConcurrentQueue<string>();
        NatsKvView view = Own(bucket.StartView(onChange: change =>
            changes.Enqueue($"{change.Key}: {change.Before?.GetString() ?? "-"} > {change.After?.GetString() ?? "-"}")));
        await view.WaitForStateAsync(NatsKvWatchState.Following, Ct);
        await Eventually.EqualAsync(1, () => changes.Count, "changes", ct: Ct);

        await bucket.PutAsync("a", "2", cancellationToken: Ct);
        await bucket.PutAsync("b", "1", cancellationToken: Ct);
        await bucket.DeleteAsync("a", cancellationToken: Ct);
        await view.WaitForRevisionAsync(await bucket.DeleteAsync("x", cancellationToken: Ct), Ct);

        Assert.Equal(["a: - > 1", "a: 1 > 2", "b: - > 1", "a: 2 > -"], changes);
    }

    [Fact]
    public async Task W24_FiltersAndHeadersOnly_HoldNoValues()
    {
        INatsKvBucket bucket = await NewBucketAsync();
        await bucket.PutAsync("a", "12345", cancellationToken: Ct);
        await bucket.PutAsync("b", "1", cancellationToken: Ct);
        NatsKvView view = Own(bucket.StartView(new NatsKvWatchOptions { Filters = ["a", "c"], HeadersOnly = true, IdleHeartbeat = TimeSpan.FromMilliseconds(200) }));
        await view.WaitForStateAsync(NatsKvWatchState.Following, Ct);
        await view.WaitForRevisionAsync(2, Ct);

        NatsKvEntry entry = Assert.Single(view).Value;
        Assert.Equal((5, 0), (entry.Size, entry.Value.Length));
    }

    [Fact]
    public async Task W24_Disposed_KeepsItsContentAndLeavesNoConsumer()
    {
        INatsKvBucket bucket = await NewBucketAsync();
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        NatsKvView view = Own(bucket.StartView());
        await view.WaitForRevisionAsync(1, Ct);

        view.Dispose();

        Assert.Equal("a=1", Text(view));
        await Assert.ThrowsAsync<NatsKvException>(async () => await view.WaitForRevisionAsync(99, Ct));
        Assert.Equal(NatsKvWatchState.Stopped, view.Status.State);
        await AssertNoConsumerAsync(bucket.Name);
    }

    [Fact]
    public async Task W24_OptionsThatMakeNoView_AreRefused()
    {
        INatsKvBucket bucket = await NewBucketAsync();
        foreach (NatsKvWatchOptions options in (NatsKvWatchOptions[])[
            new() { IncludeHistory = true }, new() { UpdatesOnly = true }, new() { IgnoreDeletes = true }, new() { FromRevision = 1 }])
        {
            Assert.Throws<ArgumentException>(() => bucket.StartView(options));
        }
    }

    private static string Text(NatsKvView view) =>
        string.Join(',', view.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => $"{pair.Key}={pair.Value.GetString()}"));
}
