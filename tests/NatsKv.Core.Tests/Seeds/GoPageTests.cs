namespace NatsKv.Tests.Seeds;

/// <summary>The calls that the NATS developer page shows for Go.</summary>
public sealed class GoPageTests(Server server)
{
    [Fact]
    public async Task Buckets_LookedUpCreatedDeleted()
    {
        await using NatsKvClient client = server.NewClient();

        await Assert.ThrowsAsync<NatsKvBucketNotFoundException>(async () => await client.GetBucketAsync("old-settings"));
        INatsKvBucket created = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "old-settings" });
        INatsKvBucket found = await client.GetBucketAsync("old-settings");

        // <snippet:delete-bucket>
        bool wasThere = await client.DeleteBucketAsync("old-settings");   // with everything in it
        // </snippet:delete-bucket>

        Assert.Equal(("old-settings", "old-settings", true), (created.Name, found.Name, wasThere));
        Assert.False(await client.DeleteBucketAsync("old-settings"));
    }

    [Fact]
    public async Task Get_TheLatestOrARevision()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { History = 5 });
        await using NatsKvClient _ = client;

        // <snippet:get-revision>
        ulong first = await bucket.PutAsync("app.name", "shop");
        ulong second = await bucket.PutAsync("app.name", "store");

        NatsKvEntry? latest = await bucket.GetAsync("app.name");                   // 'store', at revision second
        NatsKvEntry? earlier = await bucket.GetRevisionAsync("app.name", first);   // 'shop', as long as the history keeps it
        // </snippet:get-revision>

        Assert.Equal(("store", second), (latest?.GetString(), latest?.Revision));
        Assert.Equal(("shop", first), (earlier?.GetString(), earlier?.Revision));
        Assert.Null(await bucket.GetRevisionAsync("other", first));
    }

    [Fact]
    public async Task Put_BytesTextCreateUpdate()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;

        ulong bytes = await bucket.PutAsync("bytes", new byte[] { 1, 2, 3 });
        ulong text = await bucket.PutAsync("text", "abc");
        ulong created = await bucket.CreateAsync("new", "1");
        ulong updated = await bucket.UpdateAsync("new", "2", created);

        Assert.Equal([1ul, 2ul, 3ul, 4ul], [bytes, text, created, updated]);
        Assert.Equal([1, 2, 3], (await bucket.GetValueAsync("bytes"))!);
        Assert.Equal(("abc", "2"), (await bucket.GetStringAsync("text"), await bucket.GetStringAsync("new")));
        await Assert.ThrowsAsync<NatsKvKeyExistsException>(async () => await bucket.CreateAsync("new", "3"));
        await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(async () => await bucket.UpdateAsync("new", "3", created));
    }

    [Fact]
    public async Task Delete_LeavesAllRevisions_Purge_RemovesThem()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { History = 5 });
        await using NatsKvClient _ = client;
        await bucket.PutAsync("app.name", "shop");

        // <snippet:delete>
        await bucket.DeleteAsync("app.name");   // a marker; the history stays
        // </snippet:delete>

        Assert.Null(await bucket.GetAsync("app.name"));
        Assert.Equal([NatsKvOperation.Put, NatsKvOperation.Delete], await OperationsAsync(bucket));

        // <snippet:purge>
        await bucket.PurgeAsync("app.name");    // a marker and nothing else
        // </snippet:purge>

        Assert.Null(await bucket.GetAsync("app.name"));
        Assert.Equal([NatsKvOperation.Purge], await OperationsAsync(bucket));
    }

    [Fact]
    public async Task PurgeTheWholeBucket_ItStaysAndIsEmpty()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await bucket.PutAsync("a", "1");
        await bucket.PutAsync("b", "1");

        // <snippet:purge-all>
        long removed = await bucket.PurgeAllAsync();
        // </snippet:purge-all>

        Assert.Equal(2, removed);
        Assert.Empty(await bucket.GetKeysAsync().ToListAsync());
        Assert.Equal(0, (await bucket.GetStatusAsync()).Values);
    }

    [Fact]
    public async Task Keys_AreThoseThatHaveAValue()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await bucket.PutAsync("app.name", "1");
        await bucket.PutAsync("app.port", "1");
        await bucket.PutAsync("gone", "1");
        await bucket.DeleteAsync("gone");
        var keys = new List<string>();

        // <snippet:keys>
        await foreach (string key in bucket.GetKeysAsync())
        {
            keys.Add(key);
        }
        // </snippet:keys>

        Assert.Equal(["app.name", "app.port"], keys.Order());
    }

    [Fact]
    public async Task History_IsAsDeepAsTheBucketKeepsIt()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { History = 3 });
        await using NatsKvClient _ = client;
        INatsKvBucket shallow = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = bucket.Name + "-1", Storage = NatsKvStorage.Memory });
        for (int i = 1; i <= 5; i++)
        {
            await bucket.PutAsync("key", $"{i}");
            await shallow.PutAsync("key", $"{i}");
        }

        Assert.Equal(["3", "4", "5"], await bucket.GetHistoryAsync("key").Select(static entry => entry.GetString()).ToListAsync());
        Assert.Equal(["5"], await shallow.GetHistoryAsync("key").Select(static entry => entry.GetString()).ToListAsync());
    }

    [Fact(Timeout = 60_000)]
    public async Task Watch_TellsWhatIsThereThenTheEndOfItThenChanges()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await bucket.PutAsync("app.name", "shop");
        await bucket.PutAsync("other", "1");
        var told = new List<string>();

        // <snippet:watch>
        var options = new NatsKvWatchOptions { Filters = ["app.*"] };   // without filters: every key
        await foreach (NatsKvWatchEvent change in bucket.WatchAsync(options))
        {
            if (change.Kind == NatsKvWatchEventKind.InitialDataComplete)
            {
                await bucket.PutAsync("app.port", "8080");              // from here on: changes as they happen
                continue;
            }

            told.Add($"{change.Entry?.Key}={change.Entry?.GetString()}");
            if (told.Count == 2)
            {
                break;                                                  // ends the watch, on the server too
            }
        }
        // </snippet:watch>

        Assert.Equal(["app.name=shop", "app.port=8080"], told);
        await using var all = new Watching.WatchReader(bucket.WatchAsync());
        Assert.Equal(["app.name=shop Put", "other=1 Put", "app.port=8080 Put", "complete"], await all.ReadAsync(4));
    }

    private static ValueTask<List<NatsKvOperation>> OperationsAsync(INatsKvBucket bucket) =>
        bucket.GetHistoryAsync("app.name").Select(static entry => entry.Operation).ToListAsync();
}
