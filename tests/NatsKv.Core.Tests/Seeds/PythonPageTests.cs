using NatsKv.Tests.Watching;

namespace NatsKv.Tests.Seeds;

/// <summary>The examples of the Python client's page.</summary>
public sealed class PythonPageTests(Server server)
{
    [Fact]
    public async Task Signatures_GetPutUpdateCreateDelete()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { History = 5 });
        await using NatsKvClient _ = client;

        ulong first = await bucket.CreateAsync("key", "1");
        await Assert.ThrowsAsync<NatsKvKeyExistsException>(async () => await bucket.CreateAsync("key", "2"));
        ulong second = await bucket.UpdateAsync("key", "2", first);
        await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(async () => await bucket.UpdateAsync("key", "3", first));
        Assert.Equal("1", (await bucket.GetRevisionAsync("key", first))?.GetString());

        await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(
            async () => await bucket.DeleteAsync("key", first));

        // <snippet:delete-if>
        await bucket.DeleteAsync("key", second);   // only while that is its latest revision
        // </snippet:delete-if>

        // A key that is not there is no error.
        Assert.Null(await bucket.GetAsync("key"));
        Assert.Null(await bucket.GetAsync("never"));
        await bucket.DeleteAsync("never");
    }

    [Fact]
    public async Task History_TellsPutsFromDeletes()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { History = 5 });
        await using NatsKvClient _ = client;
        await bucket.PutAsync("app.name", "shop");
        await bucket.DeleteAsync("app.name");
        var lines = new List<string>();

        // <snippet:history>
        await foreach (NatsKvEntry old in bucket.GetHistoryAsync("app.name"))   // oldest first, markers included
        {
            lines.Add(old.Operation == NatsKvOperation.Put ? $"{old.Revision}: {old.GetString()}" : $"{old.Revision}: deleted");
        }
        // </snippet:history>

        Assert.Equal(["1: shop", "2: deleted"], lines);
    }

    [Fact]
    public async Task PurgeThatKeepsTheCurrentValue_IsATrim()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { History = 10 });
        await using NatsKvClient _ = client;
        for (int i = 1; i <= 5; i++)
        {
            await bucket.PutAsync("app.name", $"{i}");
        }

        // <snippet:trim>
        long removed = await bucket.TrimHistoryAsync("app.name");   // the latest value stays
        // </snippet:trim>

        Assert.Equal(4, removed);
        Assert.Equal("5", (await bucket.GetHistoryAsync("app.name").SingleAsync()).GetString());
    }

    [Fact]
    public async Task PurgeDeletes_OlderThanADay_KeepsYoungMarkers()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await bucket.DeleteAsync("gone");

        // <snippet:purge-deletes>
        int markers = await bucket.PurgeDeletesAsync(TimeSpan.FromDays(1));   // by default: 30 minutes
        // </snippet:purge-deletes>

        Assert.Equal(0, markers);
        Assert.Equal(1, await bucket.PurgeDeletesAsync(TimeSpan.Zero));
        Assert.Equal(0, (await bucket.GetStatusAsync()).Values);
    }

    [Fact]
    public async Task Status_NamesWhatTheBucketHolds()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { History = 5, MaxAge = TimeSpan.FromDays(30) });
        await using NatsKvClient _ = client;
        await bucket.PutAsync("a", "1");
        await bucket.PutAsync("a", "2");

        // <snippet:status>
        NatsKvBucketStatus status = await bucket.GetStatusAsync();
        string text = $"{status.Bucket}: {status.Keys} keys, {status.Values} revisions, {status.Bytes} bytes, "
            + $"history {status.Config.History}, kept for {status.Config.MaxAge}";
        // </snippet:status>

        Assert.True(status.Bytes > 0);
        Assert.Equal($"{bucket.Name}: 1 keys, 2 revisions, {status.Bytes} bytes, history 5, kept for 30.00:00:00", text);
    }

    [Fact]
    public async Task Config_InFull()
    {
        await using NatsKvClient client = server.NewClient();

        // <snippet:bucket-config>
        var config = new NatsKvBucketConfig
        {
            Bucket = "user-preferences",
            Description = "User preference storage",
            History = 5,                               // 1 to 64 revisions of each key
            MaxAge = TimeSpan.FromDays(30),
            MaxValueSize = 1024 * 1024,
            MaxBytes = 1024L * 1024 * 1024,
            Storage = NatsKvStorage.File,
            Replicas = 3,
            Metadata = new NatsKvMetadata([new("team", "accounts")]),
        };
        // </snippet:bucket-config>

        // One server can't hold three replicas, and says so.
        NatsKvBucketConfigException thrown = await Assert.ThrowsAsync<NatsKvBucketConfigException>(async () => await client.CreateBucketAsync(config));
        Assert.Contains("replicas", thrown.Message, StringComparison.Ordinal);

        // That much space is reserved, so a little of it will do here.
        config = config with { Replicas = 1, MaxBytes = 1024 * 1024 };
        INatsKvBucket bucket = await client.CreateBucketAsync(config);
        Assert.Equal(config, (await bucket.GetStatusAsync()).Config);
    }

    [Fact]
    public async Task Config_InShort_AndABucketThatIsDeleted()
    {
        await using NatsKvClient client = server.NewClient();

        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "old-cache", MaxAge = TimeSpan.FromHours(1) });
        NatsKvBucketConfig config = (await bucket.GetStatusAsync()).Config;
        Assert.Equal((1, TimeSpan.FromHours(1)), (config.History, config.MaxAge!.Value));

        Assert.True(await client.DeleteBucketAsync("old-cache"));
        await Assert.ThrowsAsync<NatsKvBucketNotFoundException>(async () => await client.GetBucketAsync("old-cache"));
    }

    [Fact]
    public async Task Watch_OneKeyAPatternAndAll_AtOnce()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { History = 5 });
        await using NatsKvClient _ = client;
        await using var one = new WatchReader(bucket.WatchAsync(new NatsKvWatchOptions { Filters = ["session.user1"] }));
        await using var sessions = new WatchReader(bucket.WatchAsync(new NatsKvWatchOptions { Filters = ["session.*"] }));
        await using var store = new WatchReader(bucket.WatchAsync());
        foreach (WatchReader watch in new[] { one, sessions, store })
        {
            Assert.Equal(["complete"], await watch.ReadAsync(1));
        }

        await bucket.PutAsync("session.user1", "in");
        await bucket.PutAsync("session.user2", "in");
        await bucket.PutAsync("profile.user1", "x");
        await bucket.DeleteAsync("session.user1");

        string[][] told = await Task.WhenAll(one.ReadAsync(2), sessions.ReadAsync(3), store.ReadAsync(4));
        Assert.Equal(["session.user1=in Put", "session.user1= Delete"], told[0]);
        Assert.Equal(["session.user1=in Put", "session.user2=in Put", "session.user1= Delete"], told[1]);
        Assert.Equal(["session.user1=in Put", "session.user2=in Put", "profile.user1=x Put", "session.user1= Delete"], told[2]);
    }
}
