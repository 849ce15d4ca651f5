using System.Text;
using System.Text.Json;
using NatsKv.Tests.Watching;

namespace NatsKv.Tests.Seeds;

/// <summary>The examples of the Rust client's page, <c>async-nats</c>.</summary>
public sealed class RustPageTests(Server server)
{
    [Fact]
    public async Task Buckets_CreatedOpenedUpdatedDeleted()
    {
        await using NatsKvClient client = server.NewClient();
        var config = new NatsKvBucketConfig { Bucket = "shared-settings", History = 10, MaxAge = TimeSpan.FromHours(1) };

        await client.CreateBucketAsync(config);
        INatsKvBucket bucket = await client.GetBucketAsync("shared-settings");

        // <snippet:change-bucket>
        await client.CreateOrUpdateBucketAsync(config with { Description = "shared" });                          // to exactly this
        await client.UpdateBucketAsync("shared-settings", static present => present with { History = 20 });      // one setting; the rest stays
        // </snippet:change-bucket>

        Assert.Equal(config with { Description = "shared", History = 20 }, (await bucket.GetStatusAsync()).Config);
        Assert.True(await client.DeleteBucketAsync("shared-settings"));
    }

    [Fact]
    public async Task PutAndGet_ValueEntryAndRevision()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { History = 10 });
        await using NatsKvClient _ = client;
        await bucket.PutAsync("other", "0");

        ulong revision = await bucket.PutAsync("key", "value");

        Assert.Equal("value", Encoding.UTF8.GetString((await bucket.GetValueAsync("key"))!));
        Assert.Null(await bucket.GetValueAsync("missing"));
        Assert.Null(await bucket.GetAsync("missing"));
        Assert.Equal("value", (await bucket.GetRevisionAsync("key", 2))!.GetString());
        NatsKvEntry entry = (await bucket.GetAsync("key"))!;
        Assert.Equal(
            (bucket.Name, "key", 5, revision, 0ul, NatsKvOperation.Put),
            (entry.Bucket, entry.Key, entry.Value.Length, entry.Revision, entry.Delta, entry.Operation));
        Assert.True(entry.Created > DateTimeOffset.UnixEpoch);
    }

    [Fact]
    public async Task Create_AlsoWhereAMarkerIs_AndUpdate()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;

        await bucket.CreateAsync("key", "1");
        await bucket.DeleteAsync("key");
        await bucket.CreateAsync("key", "2");
        await bucket.PurgeAsync("key");
        ulong revision = await bucket.CreateAsync("key", "3");
        await bucket.UpdateAsync("key", "4", revision);

        Assert.Equal("4", await bucket.GetStringAsync("key"));
        await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(async () => await bucket.UpdateAsync("key", "5", revision));
    }

    [Fact]
    public async Task DeleteAndPurge_AtAnExpectedRevision()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(
            static config => config with { History = 10, LimitMarkerTtl = TimeSpan.FromSeconds(1) });
        await using NatsKvClient _ = client;
        ulong first = await bucket.PutAsync("a", "1");
        ulong second = await bucket.PutAsync("b", "1");

        await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(async () => await bucket.DeleteAsync("a", second));
        await bucket.DeleteAsync("a", first);
        await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(async () => await bucket.PurgeAsync("b", first));
        await bucket.PurgeAsync("b", second, TimeSpan.FromHours(1));

        Assert.Equal(2, await bucket.GetHistoryAsync("a").CountAsync());
        Assert.Equal(NatsKvOperation.Purge, (await bucket.GetHistoryAsync("b").SingleAsync()).Operation);
    }

    [Fact]
    public async Task Watch_NewOnlyWithHistoryFromARevisionAllAndMany()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { History = 10 });
        await using NatsKvClient _ = client;
        await bucket.PutAsync("foo", "1");
        await bucket.PutAsync("foo", "2");
        await bucket.PutAsync("bar", "3");
        await bucket.PutAsync("baz", "4");

        // <snippet:watch-starts>
        var changes = new NatsKvWatchOptions { Filters = ["foo"], UpdatesOnly = true };      // begins with the next change
        var latest = new NatsKvWatchOptions { Filters = ["foo"] };                           // with each key's latest value
        var history = new NatsKvWatchOptions { Filters = ["foo"], IncludeHistory = true };   // with every kept revision
        var since = new NatsKvWatchOptions { FromRevision = 2 };                             // with those from here on
        var many = new NatsKvWatchOptions { Filters = ["foo", "bar"] };
        // </snippet:watch-starts>

        await AssertToldAsync(changes, "complete");
        await AssertToldAsync(latest, "foo=2 Put", "complete");
        await AssertToldAsync(history, "foo=1 Put", "foo=2 Put", "complete");
        await AssertToldAsync(since, "foo=2 Put", "bar=3 Put", "baz=4 Put", "complete");
        await AssertToldAsync(many, "foo=2 Put", "bar=3 Put", "complete");
        await AssertToldAsync(new NatsKvWatchOptions(), "foo=2 Put", "bar=3 Put", "baz=4 Put", "complete");

        async Task AssertToldAsync(NatsKvWatchOptions options, params string[] expected)
        {
            await using var watch = new WatchReader(bucket.WatchAsync(options));
            Assert.Equal(expected, await watch.ReadAsync(expected.Length));
        }
    }

    [Fact]
    public async Task HistoryKeysStatus()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { History = 10 });
        await using NatsKvClient _ = client;
        await bucket.PutAsync("key", "1");
        await bucket.PurgeAsync("key");
        await bucket.PutAsync("key", "2");

        Assert.Equal([NatsKvOperation.Purge, NatsKvOperation.Put], await bucket.GetHistoryAsync("key").Select(static entry => entry.Operation).ToListAsync());
        Assert.Equal(["key"], await bucket.GetKeysAsync().ToListAsync());
        NatsKvBucketStatus status = await bucket.GetStatusAsync();
        Assert.Equal((bucket.Name, 1L, 2L, 3ul), (status.Bucket, status.Keys, status.Values, status.LastRevision));
    }

    [Theory]
    [InlineData("bucket-1_a", true)]
    [InlineData("no.bucket", false)]
    [InlineData("no bucket", false)]
    [InlineData("", false)]
    public async Task BucketNames_AreLettersDigitsDashAndUnderscore(string name, bool isLegal)
    {
        await using NatsKvClient client = server.NewClient();

        Exception? refused = Record.Exception(() => client.Bind(name));

        Assert.Equal(isLegal, refused is null);
        Assert.True(refused is null or ArgumentException);
    }

    [Theory]
    [InlineData("a/b=c_d-e.F9", true)]
    [InlineData(".a", false)]
    [InlineData("a.", false)]
    [InlineData("a b", false)]
    [InlineData("a*", false)]
    public async Task Keys_AreLettersDigitsAndAFewMore(string key, bool isLegal)
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;

        Exception? refused = await Record.ExceptionAsync(async () => await bucket.PutAsync(key, "value"));

        Assert.Equal(isLegal, refused is null);
        Assert.True(refused is null or ArgumentException);
    }

    [Fact]
    public async Task Config_AsAStream()
    {
        await using NatsKvClient client = server.NewClient();
        await using var raw = new RawApi(server.Url);

        await client.CreateBucketAsync(new NatsKvBucketConfig
        {
            Bucket = "rust-stream",
            Description = "text",
            History = 10,
            MaxAge = TimeSpan.FromHours(1),
            MaxBytes = 100_000,
            MaxValueSize = 1000,
            Storage = NatsKvStorage.Memory,
        });

        JsonElement stream = (await raw.AskAsync("STREAM.INFO.KV_rust-stream", "")).GetProperty("config");
        Assert.Equal("$KV.rust-stream.>", Assert.Single(stream.GetProperty("subjects").EnumerateArray()).GetString());
        Assert.Equal(
            ["text", "10", "3600000000000", "100000", "1000", "memory", "1", "new", "True", "True"],
            new[] { "description", "max_msgs_per_subject", "max_age", "max_bytes", "max_msg_size", "storage", "num_replicas", "discard", "allow_direct", "allow_rollup_hdrs" }
                .Select(name => stream.GetProperty(name).ToString()));
    }
}
