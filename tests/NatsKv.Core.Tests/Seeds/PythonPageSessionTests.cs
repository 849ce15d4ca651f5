using NatsKv.Tests.Watching;

namespace NatsKv.Tests.Seeds;

/// <summary>
/// The Python page's examples whose keys have a colon, which ADR-8 has no place for: on a handle that lets such keys through. Its filters
/// <c>session:*</c> are no subjects; here they are a choice among the keys.
/// </summary>
public sealed class PythonPageSessionTests(Server server)
{
    private static readonly NatsKvBucketOptions Relaxed = new() { KeyValidation = NatsKvKeyValidation.Relaxed };

    [Fact]
    public async Task Session_StoredReadUpdatedCreatedDeleted()
    {
        await using NatsKvClient client = server.NewClient();
        await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "user-sessions", Storage = NatsKvStorage.Memory });

        // <snippet:relaxed-keys>
        var options = new NatsKvBucketOptions { KeyValidation = NatsKvKeyValidation.Relaxed };
        INatsKvBucket sessions = await client.GetBucketAsync("user-sessions", options);

        ulong revision = await sessions.PutAsync("session:user123", "{\"user_id\": 123}");
        // </snippet:relaxed-keys>

        NatsKvEntry entry = (await sessions.GetAsync("session:user123"))!;
        Assert.Equal(("session:user123", "{\"user_id\": 123}", revision), (entry.Key, entry.GetString(), entry.Revision));
        Assert.True(entry.Created > DateTimeOffset.UnixEpoch);

        ulong updated = await sessions.UpdateAsync("session:user123", "{\"user_id\": 123, \"seen\": true}", entry.Revision);
        Assert.True(updated > revision);
        await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(async () => await sessions.UpdateAsync("session:user123", "late", entry.Revision));

        await sessions.CreateAsync("session:user456", "{\"user_id\": 456}");
        await Assert.ThrowsAsync<NatsKvKeyExistsException>(async () => await sessions.CreateAsync("session:user456", "again"));

        await sessions.DeleteAsync("session:user123");
        Assert.Null(await sessions.GetAsync("session:user123"));

        // Who keeps to what every client can read is refused such keys.
        await Assert.ThrowsAsync<ArgumentException>(async () => await client.Bind("user-sessions").GetAsync("session:user456"));
    }

    [Fact]
    public async Task History_TrimAndMarkers_OfASession()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { History = 5 });
        await using NatsKvClient _ = client;
        INatsKvBucket sessions = client.Bind(bucket.Name, Relaxed);
        await sessions.PutAsync("session:user123", "in");
        await sessions.DeleteAsync("session:user123");
        await sessions.PutAsync("session:user123", "in again");

        Assert.Equal(
            ["1: in", "2: DELETED", "3: in again"],
            await sessions.GetHistoryAsync("session:user123")
                .Select(static old => $"{old.Revision}: {(old.Operation == NatsKvOperation.Put ? old.GetString() : "DELETED")}").ToListAsync());

        Assert.Equal(2, await sessions.TrimHistoryAsync("session:user123"));
        Assert.Equal("in again", await sessions.GetStringAsync("session:user123"));
        await sessions.DeleteAsync("session:user123");
        Assert.Equal(1, await sessions.PurgeDeletesAsync(TimeSpan.Zero));
    }

    [Fact]
    public async Task Keys_AllAndOfSessionsAndOfAUser()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        INatsKvBucket store = client.Bind(bucket.Name, Relaxed);
        foreach (string key in new[] { "session:user123", "session:user123-2", "session:user4", "profile:user123" })
        {
            await store.PutAsync(key, "x");
        }

        // <snippet:relaxed-filter>
        // 'session:*' is no filter, because '*' stands for whole tokens. So choose among the keys, or put dots where you want to filter.
        List<string> sessions = await store.GetKeysAsync().Where(static key => key.StartsWith("session:", StringComparison.Ordinal)).ToListAsync();
        // </snippet:relaxed-filter>

        Assert.Equal(4, await store.CountKeysAsync());
        Assert.Equal(["session:user123", "session:user123-2", "session:user4"], sessions.Order(StringComparer.Ordinal));
        Assert.Equal(["profile:user123", "session:user123"], await store.GetKeysAsync(["session:user123", "profile:user123"]).Order(StringComparer.Ordinal).ToListAsync());
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.GetKeysAsync("session:*").ToListAsync());
    }

    [Fact]
    public async Task Watch_OneSessionAndAll()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { History = 5 });
        await using NatsKvClient _ = client;
        INatsKvBucket store = client.Bind(bucket.Name, Relaxed);
        await using var one = new WatchReader(store.WatchAsync(new NatsKvWatchOptions { Filters = ["session:user123"] }));
        await using var all = new WatchReader(store.WatchAsync());
        Assert.Equal(["complete"], await one.ReadAsync(1));
        Assert.Equal(["complete"], await all.ReadAsync(1));

        await store.PutAsync("session:user123", "in");
        await store.PutAsync("profile:user123", "x");
        await store.DeleteAsync("session:user123");

        Assert.Equal(["session:user123=in Put", "session:user123= Delete"], await one.ReadAsync(2));
        Assert.Equal(["session:user123=in Put", "profile:user123=x Put", "session:user123= Delete"], await all.ReadAsync(3));
    }
}
