using System.Globalization;
using NatsKv.TestKit;
using NatsKv.Testing;

namespace NatsKv.Tests.Watching.Rows;

/// <summary>W6, W7, W8: the latest values first, and their end.</summary>
public sealed class InitialDataRows(ServerVersions servers) : RowTests(servers)
{
    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W6_LatestFirst_GivesEachKeysLatestOnceThenChanges(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version, config => config with { History = 10 });
        foreach (string text in (string[])["a=1", "b=1", "a=2", "c=1", "a=3"])
        {
            await bucket.PutAsync(text[..1], text[2..], cancellationToken: Ct);
        }

        WatchReader watch = Watch(bucket);
        Assert.Equal(["b=1 Put", "c=1 Put", "a=3 Put", "complete"], await watch.ReadAsync(4));

        await bucket.PutAsync("b", "2", cancellationToken: Ct);
        Assert.Equal(["b=2 Put"], await watch.ReadAsync(1));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W7_StreamPurgedWhileTheInitialDataIsRead_Completes(NatsServerVersion version)
    {
        // More than is on the way at a time: what has not been sent is gone, the newest with it.
        const int Count = 400;
        INatsKvBucket bucket = await NewBucketAsync(version);
        string value = new('v', 50_000);
        await FillAsync(bucket, Count, _ => value);
        WatchReader watch = Watch(bucket);
        await watch.NextAsync();

        await AskAsync($"STREAM.PURGE.KV_{bucket.Name}", "", version);

        int seen = 1;
        while ((await watch.NextAsync()).Kind == NatsKvWatchEventKind.Entry)
        {
            seen++;
        }

        Assert.InRange(seen, 1, Count - 1);
        await bucket.PutAsync("after", "1", cancellationToken: Ct);
        Assert.Equal(["after=1 Put"], await watch.ReadAsync(1));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W7_KeysPurgedWhileTheInitialDataIsRead_CompletesWithTheOthers(NatsServerVersion version)
    {
        const int Count = 400;
        INatsKvBucket bucket = await NewBucketAsync(version);
        string value = new('v', 50_000);
        await FillAsync(bucket, Count, _ => value, "keep");
        await FillAsync(bucket, Count, _ => value, "drop");
        WatchReader watch = Watch(bucket);
        await watch.NextAsync();

        await AskAsync($"STREAM.PURGE.KV_{bucket.Name}", $$"""{"filter":"$KV.{{bucket.Name}}.drop.>"}""", version);

        var keep = new HashSet<string>(StringComparer.Ordinal) { "keep.0" };
        while (await watch.NextAsync() is { Entry: { } entry })
        {
            keep.Add(entry.Key);
        }

        Assert.Equal(Count, keep.Count(static key => key.StartsWith("keep.", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W7_HotKey_RewrittenAllTheTime_IsAmongTheInitialData(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version);
        await bucket.PutAsync("hot", "0", cancellationToken: Ct);
        await FillAsync(bucket, 5000, static _ => "0");
        using var writing = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        Task[] writers =
        [
            WriteAsync(static i => "hot"),
            WriteAsync(static i => string.Create(CultureInfo.InvariantCulture, $"key.{i % 5000}")),
        ];
        var keys = new HashSet<string>(StringComparer.Ordinal);
        WatchReader watch = Watch(bucket);
        while (await watch.NextAsync() is { Entry: { } entry })
        {
            keys.Add(entry.Key);
        }

        await writing.CancelAsync();
        await Task.WhenAll(writers);
        Assert.Equal(5001, keys.Count);
        Assert.Contains("hot", keys);

        Task WriteAsync(Func<int, string> key) => Task.Run(
            async () =>
            {
                for (int i = 0; !writing.IsCancellationRequested; i++)
                {
                    await bucket.PutAsync(key(i), "1", cancellationToken: Ct);
                }
            },
            Ct);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W7_Heartbeats_ComeFirst_AndAreNoEntries(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version);
        WatchReader watch = Watch(bucket, new NatsKvWatchOptions { IdleHeartbeat = TimeSpan.FromMilliseconds(100) });
        Assert.Equal(["complete"], await watch.ReadAsync(1));
        Task<string[]> next = watch.ReadAsync(2);
        long before = await SentAsync();

        // The server has said many times that there is nothing to say.
        await Eventually.TrueAsync(async () => await SentAsync() >= before + 5, "heartbeats", ct: Ct);
        Assert.False(next.IsCompleted);
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        await bucket.PutAsync("b", "2", cancellationToken: Ct);

        Assert.Equal(["a=1 Put", "b=2 Put"], await next);

        async Task<long> SentAsync()
        {
            using var http = new HttpClient();
            string json = await http.GetStringAsync(new Uri($"{(await Servers.GetAsync(version)).MonitoringUrl}/varz"), Ct);
            using var document = System.Text.Json.JsonDocument.Parse(json);
            return document.RootElement.GetProperty("out_msgs").GetInt64();
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W8_EmptyBucket_CompletesAtOnceInEveryModeAndFollows(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version);
        WatchReader[] watches =
        [
            Watch(bucket),
            Watch(bucket, new NatsKvWatchOptions { IncludeHistory = true }),
            Watch(bucket, new NatsKvWatchOptions { UpdatesOnly = true }),
            Watch(bucket, new NatsKvWatchOptions { FromRevision = 1 }),
            Watch(bucket, new NatsKvWatchOptions { HeadersOnly = true, IgnoreDeletes = true }),
        ];
        foreach (WatchReader watch in watches)
        {
            Assert.Equal(["complete"], await watch.ReadAsync(1));
        }

        await bucket.PutAsync("a", "", cancellationToken: Ct);

        foreach (WatchReader watch in watches)
        {
            Assert.Equal(["a= Put"], await watch.ReadAsync(1));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task W8_EmptyBucketOverARestart_FollowsAndDoesNotCompleteTwice(bool updatesOnly)
    {
        await using NatsServer own = await NatsServer.StartAsync(ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = own.Url });
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket" }, Ct);
        await using WatchReader watch = new(bucket.WatchAsync(new NatsKvWatchOptions { UpdatesOnly = updatesOnly }, Ct));
        Assert.Equal(["complete"], await watch.ReadAsync(1));
        Task<string[]> next = watch.ReadAsync(2);

        await own.RestartAsync(ct: Ct);
        await using var other = new NatsKvClient(new NatsKvOptions { Url = own.Url });
        await other.Bind("bucket").PutAsync("a", "1", cancellationToken: Ct);
        await other.Bind("bucket").PutAsync("b", "2", cancellationToken: Ct);

        Assert.Equal(["a=1 Put", "b=2 Put"], await next);
    }
}
