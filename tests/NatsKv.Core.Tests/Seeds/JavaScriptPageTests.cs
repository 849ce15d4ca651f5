using NatsKv.Testing;
using NatsKv.Tests.Watching;

namespace NatsKv.Tests.Seeds;

/// <summary>The examples of the JavaScript client's page, <c>@nats-io/kv</c>; those about expiry are in <see cref="JavaScriptPageExpiryTests"/>.</summary>
public sealed class JavaScriptPageTests(Server server)
{
    [Fact(Timeout = 60_000)]
    public async Task ListAndCreate_FromAClient()
    {
        // On a server of its own, because others make buckets while it lists.
        await using NatsServer own = await NatsServer.StartAsync();
        await using (var first = new NatsKvClient(new NatsKvOptions { Url = own.Url }))
        {
            Assert.Empty(await first.ListBucketsAsync().ToListAsync());
        }

        string url = own.Url;

        // <snippet:client-bare>
        await using var client = new NatsKvClient(new NatsKvOptions { Url = url });   // connects when it is first used

        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "mykv" });
        // </snippet:client-bare>

        Assert.Equal(bucket.Name, (await client.ListBucketsAsync().SingleAsync()).Bucket);
        Assert.Equal(["mykv"], await client.ListBucketNamesAsync().ToListAsync());
    }

    [Fact]
    public async Task Timeout_OfTheClient_HoldsForItsBuckets()
    {
        string url = server.Url;

        // <snippet:request-timeout>
        await using var client = new NatsKvClient(new NatsKvOptions { Url = url, RequestTimeout = TimeSpan.FromSeconds(10) });
        // </snippet:request-timeout>

        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "js-timeout", Storage = NatsKvStorage.Memory });

        await bucket.PutAsync("key", "value");

        // That it ends a call is shown where connections are tested.
        Assert.Equal(TimeSpan.FromSeconds(10), client.Settings.RequestTimeout);
    }

    [Fact]
    public async Task CreateOrBind_TheBucketIsThereOrNot()
    {
        await using NatsKvClient client = server.NewClient();

        // <snippet:open-or-create>
        var config = new NatsKvBucketConfig { Bucket = "testing", History = 5 };

        INatsKvBucket bucket = await client.OpenOrCreateBucketAsync(config);   // makes it, or takes the one that is there
        INatsKvBucket same = await client.GetBucketAsync("testing");           // must be there
        INatsKvBucket unasked = client.Bind("testing");                        // asks nobody; a missing bucket shows at the first use
        // </snippet:open-or-create>

        await bucket.PutAsync("key", "value");
        INatsKvBucket opened = await client.OpenOrCreateBucketAsync(config with { History = 2 });
        Assert.All(
            await Task.WhenAll(new[] { bucket, same, unasked, opened }.Select(handle => handle.GetStringAsync("key").AsTask())),
            static value => Assert.Equal("value", value));
        Assert.Equal(5, (await opened.GetStatusAsync()).Config.History);
    }

    [Fact]
    public async Task Story_FromCreateToDestroy()
    {
        await using NatsKvClient client = server.NewClient();
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "js-story", History = 5, Storage = NatsKvStorage.Memory });

        // Like a put, but it fails if the key is there.
        ulong created = await bucket.CreateAsync("hello.world", "hi");
        await Assert.ThrowsAsync<NatsKvKeyExistsException>(async () => await bucket.CreateAsync("hello.world", "hi again"));

        // A watch begins with the latest value of each key.
        await using var watch = new WatchReader(bucket.WatchAsync());
        Assert.Equal(["hello.world=hi Put", "complete"], await watch.ReadAsync(2));

        ulong updated = await bucket.PutAsync("hello.world", "world");
        NatsKvEntry? entry = await bucket.GetAsync("hello.world");
        Assert.NotNull(entry);
        Assert.Equal(("js-story", "hello.world", "world", updated, NatsKvOperation.Put), (entry.Bucket, entry.Key, entry.GetString(), entry.Revision, entry.Operation));
        Assert.Equal(["hello.world=world Put"], await watch.ReadAsync(1));

        Assert.Equal(["hello.world"], await bucket.GetKeysAsync().ToListAsync());
        Assert.Equal([(created, "hi"), (updated, "world")], await bucket.GetHistoryAsync("hello.world").Select(static old => (old.Revision, old.GetString())).ToListAsync());

        // The delete is recorded; a purge drops everything else.
        await bucket.DeleteAsync("hello.world");
        Assert.Equal(3, await bucket.GetHistoryAsync("hello.world").CountAsync());
        Assert.Equal(["hello.world= Delete"], await watch.ReadAsync(1));
        await bucket.PurgeAsync("hello.world");
        Assert.Equal(NatsKvOperation.Purge, (await bucket.GetHistoryAsync("hello.world").SingleAsync()).Operation);
        Assert.Equal(["hello.world= Purge"], await watch.ReadAsync(1));

        Assert.True(await client.DeleteBucketAsync("js-story"));
        Assert.Null(await client.FindBucketAsync("js-story"));
    }
}
