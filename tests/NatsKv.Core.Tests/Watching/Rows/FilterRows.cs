using NatsKv.TestKit;
using NatsKv.Testing;
using NatsKv.Tests.Connection;

namespace NatsKv.Tests.Watching.Rows;

/// <summary>W3, W4, W5: which keys a watch follows.</summary>
public sealed class FilterRows(ServerVersions servers) : RowTests(servers)
{
    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W3_OneLiteralKey_GivesThatKeyOnly(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version);
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        await bucket.PutAsync("a.b", "1", cancellationToken: Ct);
        WatchReader watch = Watch(bucket, new NatsKvWatchOptions { Filters = ["a"] });
        Assert.Equal(["a=1 Put", "complete"], await watch.ReadAsync(2));

        await bucket.PutAsync("a.b", "2", cancellationToken: Ct);
        await bucket.PutAsync("b", "2", cancellationToken: Ct);
        await bucket.DeleteAsync("a", cancellationToken: Ct);

        Assert.Equal(["a= Delete"], await watch.ReadAsync(1));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W3_OneTokenWildcard_MatchesOneTokenAlsoLive(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version);
        await bucket.PutAsync("app.x.name", "1", cancellationToken: Ct);
        await bucket.PutAsync("app.name", "1", cancellationToken: Ct);
        WatchReader watch = Watch(bucket, new NatsKvWatchOptions { Filters = ["app.*.name"] });
        Assert.Equal(["app.x.name=1 Put", "complete"], await watch.ReadAsync(2));

        await bucket.PutAsync("app.x.y.name", "2", cancellationToken: Ct);
        await bucket.PutAsync("app.y.name", "2", cancellationToken: Ct);

        Assert.Equal(["app.y.name=2 Put"], await watch.ReadAsync(1));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W4_NoFilter_GivesEveryKey(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version);
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        await bucket.PutAsync("a.b", "2", cancellationToken: Ct);
        WatchReader watch = Watch(bucket);
        Assert.Equal(["a=1 Put", "a.b=2 Put", "complete"], await watch.ReadAsync(3));

        await bucket.PutAsync("c.d.e", "3", cancellationToken: Ct);

        Assert.Equal(["c.d.e=3 Put"], await watch.ReadAsync(1));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W5_SeveralFilters_GiveTheirKeysOnlyInEveryMode(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version, config => config with { History = 2 });
        foreach (string key in (string[])["app.a", "app.b", "app.c", "app.d.e", "other"])
        {
            await bucket.PutAsync(key, "1", cancellationToken: Ct);
            await bucket.PutAsync(key, "2", cancellationToken: Ct);
        }

        string[] filters = ["app.a", "app.c", "app.d.*"];
        WatchReader latest = Watch(bucket, new NatsKvWatchOptions { Filters = filters });
        WatchReader history = Watch(bucket, new NatsKvWatchOptions { Filters = filters, IncludeHistory = true });
        WatchReader updates = Watch(bucket, new NatsKvWatchOptions { Filters = filters, UpdatesOnly = true });
        WatchReader late = Watch(bucket, new NatsKvWatchOptions { Filters = filters, FromRevision = 6 });
        Assert.Equal(["app.a=2 Put", "app.c=2 Put", "app.d.e=2 Put", "complete"], await latest.ReadAsync(4));
        Assert.Equal(
            ["app.a=1 Put", "app.a=2 Put", "app.c=1 Put", "app.c=2 Put", "app.d.e=1 Put", "app.d.e=2 Put", "complete"], await history.ReadAsync(7));
        Assert.Equal(["complete"], await updates.ReadAsync(1));
        Assert.Equal(["app.c=2 Put", "app.d.e=1 Put", "app.d.e=2 Put", "complete"], await late.ReadAsync(4));

        await bucket.PutAsync("app.b", "3", cancellationToken: Ct);
        await bucket.DeleteAsync("app.a", cancellationToken: Ct);

        foreach (WatchReader watch in (WatchReader[])[latest, history, updates, late])
        {
            Assert.Equal(["app.a= Delete"], await watch.ReadAsync(1));
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W5_SeveralFiltersThatMatchNothing_CompleteAndFollow(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version);
        await bucket.PutAsync("app.x", "1", cancellationToken: Ct);
        WatchReader few = Watch(bucket, new NatsKvWatchOptions { Filters = ["app.a", "b"] });
        WatchReader many = Watch(bucket, new NatsKvWatchOptions { Filters = [.. Enumerable.Range(0, 20).Select(static i => $"app.{i}")] });

        Assert.Equal(["complete"], await few.ReadAsync(1));
        Assert.Equal(["complete"], await many.ReadAsync(1));
        await bucket.PutAsync("app.a", "2", cancellationToken: Ct);
        await bucket.PutAsync("app.7", "2", cancellationToken: Ct);

        Assert.Equal(["app.a=2 Put"], await few.ReadAsync(1));
        Assert.Equal(["app.7=2 Put"], await many.ReadAsync(1));
    }

    [Theory]
    [InlineData(NatsServerVersion.Latest, 20)]
    [InlineData(NatsServerVersion.Latest, 256)]
    [InlineData(NatsServerVersion.Latest, 300)]
    [InlineData(NatsServerVersion.Latest, 20_000)]
    [InlineData(NatsServerVersion.V2_10, 256)]
    [InlineData(NatsServerVersion.V2_10, 300)]
    [InlineData(NatsServerVersion.V2_9, 300)]
    public async Task W5_ManyFilters_GiveTheirKeysOnlyAndHarmNobody(NatsServerVersion version, int count)
    {
        INatsKvBucket bucket = await NewBucketAsync(version);
        await FillAsync(bucket, 600, static i => $"{i}", "app");
        await bucket.PutAsync("other", "v", cancellationToken: Ct);
        string[] filters = [.. Enumerable.Range(0, count).Select(static i => $"app.{(i * 2) + 1}")];
        RecordingTransport? transport = null;
        NatsKvClient client = Own(new NatsKvClient(new NatsKvOptions
        {
            Url = (await Servers.GetAsync(version)).Url,
            TransportFactory = context => transport = new RecordingTransport(context),
        }));
        WatchReader watch = Watch(client.Bind(bucket.Name), new NatsKvWatchOptions { Filters = filters });

        var keys = new List<string>();
        while (await watch.NextAsync() is { Entry: { } entry })
        {
            keys.Add(entry.Key);
        }

        Assert.Equal(Enumerable.Range(0, Math.Min(count, 300)).Select(static i => $"app.{(i * 2) + 1}").Order(StringComparer.Ordinal), keys.Order(StringComparer.Ordinal));
        await bucket.PutAsync("app.2", "live", cancellationToken: Ct);
        await bucket.PutAsync("app.1", "live", cancellationToken: Ct);
        Assert.Equal(["app.1=live Put"], await watch.ReadAsync(1));
        Assert.Equal(1, transport!.Epoch);

        // One question for all filters, not one for each.
        Assert.InRange(transport.Count("STREAM.MSG.GET") + transport.Count("STREAM.INFO"), 1, 10);
    }

    [Fact]
    public async Task W5_RequestLargerThanTheServerTakes_IsRefusedAndNotSent()
    {
        await using NatsServer small = await NatsServer.StartAsync(new NatsServerOptions { ExtraConfiguration = "max_payload: 2048" }, Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = small.Url });
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket" }, Ct);
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        int connections = await small.GetConnectionCountAsync(Ct);

        NatsKvException thrown = await Assert.ThrowsAsync<NatsKvException>(
            async () => await new WatchReader(bucket.WatchAsync(new NatsKvWatchOptions { Filters = [new string('x', 3000)] }, Ct)).NextAsync());

        Assert.Contains("2048", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("filters", thrown.Message, StringComparison.Ordinal);
        Assert.Equal("1", (await bucket.GetAsync("a", Ct))!.GetString());
        Assert.Equal(connections, await small.GetConnectionCountAsync(Ct));
        Assert.DoesNotContain("maximum payload", await File.ReadAllTextAsync(small.LogFile, Ct), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W3_BucketThatIsAMirror_IsRefused(NatsServerVersion version)
    {
        INatsKvBucket origin = await NewBucketAsync(version);
        await origin.PutAsync("a", "1", cancellationToken: Ct);
        string name = Servers.NewName();
        await AskAsync(
            $"STREAM.CREATE.KV_{name}",
            $$"""{"name":"KV_{{name}}","max_msgs_per_subject":1,"storage":"memory","retention":"limits","discard":"new","num_replicas":1,"max_consumers":-1,"max_msgs":-1,"max_bytes":-1,"max_msg_size":-1,"max_age":0,"allow_direct":true,"mirror":{"name":"KV_{{origin.Name}}"} }""",
            version);
        INatsKvBucket mirror = (await NewClientAsync(version)).Bind(name);

        NatsKvNotSupportedException thrown = await Assert.ThrowsAsync<NatsKvNotSupportedException>(() => Watch(mirror).NextAsync());
        Assert.Contains("mirror", thrown.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<NatsKvNotSupportedException>(async () => await mirror.GetKeysAsync(cancellationToken: Ct).ToListAsync(Ct));
        var interruptions = new System.Collections.Concurrent.ConcurrentQueue<Exception>();
        await using INatsKvWatch watch = mirror.StartWatch(new RecordingHandler(static _ => { }, interruptions.Enqueue));
        await Eventually.TrueAsync(() => interruptions.OfType<NatsKvNotSupportedException>().Any(), "the handler is told", ct: Ct);
    }
}
