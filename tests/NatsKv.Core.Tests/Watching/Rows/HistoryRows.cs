using NatsKv.Testing;

namespace NatsKv.Tests.Watching.Rows;

/// <summary>W9, W18: every kept revision.</summary>
public sealed class HistoryRows(ServerVersions servers) : RowTests(servers)
{
    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W9_HistoryOfSeveralFiltersWithoutValues_GivesEveryRevisionAndSize(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version, config => config with { History = 3 });
        foreach (string key in (string[])["a", "b.x", "c"])
        {
            await bucket.PutAsync(key, "1", cancellationToken: Ct);
            await bucket.PutAsync(key, "22", cancellationToken: Ct);
            await bucket.DeleteAsync(key, cancellationToken: Ct);
        }

        WatchReader watch = Watch(bucket, new NatsKvWatchOptions { Filters = ["a", "b.*"], IncludeHistory = true, HeadersOnly = true });

        var entries = new List<string>();
        while (await watch.NextAsync() is { Entry: { } entry })
        {
            entries.Add($"{entry.Key} {entry.Operation} {entry.Size} {entry.Value.Length}");
        }

        Assert.Equal(["a Put 1 0", "a Put 2 0", "a Delete 0 0", "b.x Put 1 0", "b.x Put 2 0", "b.x Delete 0 0"], entries);
    }

    [Fact]
    public async Task W9_ConnectionCut_HistoryGoesOnWithoutGapOrRepetition()
    {
        INatsKvBucket bucket = await NewBucketAsync(change: config => config with { History = 64 });
        NatsServer server = await Servers.GetAsync(NatsServerVersion.Latest);
        await using TcpProxy proxy = await TcpProxy.StartAsync("127.0.0.1", server.Port, ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = proxy.Url });
        string value = new('v', 20_000);
        for (int round = 0; round < 20; round++)
        {
            await FillAsync(bucket, 40, _ => value);
        }

        WatchReader watch = Watch(client.Bind(bucket.Name), new NatsKvWatchOptions { IncludeHistory = true });
        var revisions = new List<ulong>();
        while (await watch.NextAsync() is { Entry: { } entry })
        {
            revisions.Add(entry.Revision);
            if (revisions.Count is 5 or 300)
            {
                await proxy.CutAsync();
            }
        }

        await bucket.PutAsync("live", "1", cancellationToken: Ct);
        await proxy.CutAsync();
        await bucket.PutAsync("live", "2", cancellationToken: Ct);

        Assert.Equal(["live=1 Put", "live=2 Put"], await watch.ReadAsync(2));
        Assert.Equal(Enumerable.Range(1, 800).Select(static i => (ulong)i), revisions);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W18_FiftyPutsOfWhichTenAreKept_GiveRevisions41To50(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version, config => config with { History = 10 });
        for (int i = 1; i <= 50; i++)
        {
            await bucket.PutAsync("age", $"{i}", cancellationToken: Ct);
        }

        List<NatsKvEntry> history = await bucket.GetHistoryAsync("age", Ct).ToListAsync(Ct);

        Assert.Equal(Enumerable.Range(41, 10).Select(static i => (ulong)i), history.Select(static entry => entry.Revision));
        Assert.Equal(Enumerable.Range(41, 10).Select(static i => $"{i}"), history.Select(static entry => entry.GetString()));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W18_KeyThatNeverWas_HasNoHistory(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version);

        Assert.Empty(await bucket.GetHistoryAsync("nothing", Ct).ToListAsync(Ct));
        await bucket.PutAsync("other", "1", cancellationToken: Ct);
        Assert.Empty(await bucket.GetHistoryAsync("nothing", Ct).ToListAsync(Ct));
        Assert.Empty(await bucket.GetHistoryAsync("nothing.>", Ct).ToListAsync(Ct));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W18_Filter_GivesTheMarkersToo(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version, config => config with { History = 5 });
        await bucket.PutAsync("a.b", "1", cancellationToken: Ct);
        await bucket.DeleteAsync("a.b", cancellationToken: Ct);
        await bucket.PutAsync("a.c", "2", cancellationToken: Ct);
        await bucket.PurgeAsync("a.c", cancellationToken: Ct);

        List<NatsKvEntry> history = await bucket.GetHistoryAsync("a.*", Ct).ToListAsync(Ct);

        Assert.Equal([NatsKvOperation.Put, NatsKvOperation.Delete, NatsKvOperation.Purge], history.Select(static entry => entry.Operation));
    }
}
