namespace NatsKv.Tests.Documentation;

/// <summary>The tour through the client in its package's README.</summary>
public sealed class CoreReadmeTests(Server server)
{
    [Fact(Timeout = 60_000)]
    public async Task Tour_OfTheClient()
    {
        string url = server.Url;

        // <snippet:tour>
        await using var client = new NatsKvClient(new NatsKvOptions { Url = url });          // in a host: builder.Services.AddNatsKv()

        INatsKvBucket bucket = await client.OpenOrCreateBucketAsync(new NatsKvBucketConfig
        {
            Bucket = "settings",
            History = 5,
            LimitMarkerTtl = TimeSpan.FromMinutes(1),                                        // allows a TTL per key
        });

        ulong revision = await bucket.PutAsync("app.name", "shop");
        NatsKvEntry? entry = await bucket.GetAsync("app.name");                              // null: never written, deleted or expired
        string? name = await bucket.GetStringAsync("app.name");                              // only the value
        await bucket.UpdateAsync("app.name", "store", revision);                             // compare and set
        await bucket.TryCreateAsync("lock.nightly", "host-1", TimeSpan.FromSeconds(30));     // gone after 30 s
        await bucket.PurgeAsync("app.name");                                                 // with its history; a marker stays

        await using NatsKvView view = bucket.StartView();                                    // the bucket in memory, kept up to date
        await view.WaitForRevisionAsync(await bucket.PutAsync("app.name", "shop"));
        name = view["app.name"].GetString();

        await foreach (NatsKvWatchEvent change in bucket.WatchAsync(new NatsKvWatchOptions { Filters = ["app.>"] }))
        {
            // Entry …, then InitialDataComplete once, then changes as they happen; Reset if the bucket was made anew.
            if (change.Kind == NatsKvWatchEventKind.InitialDataComplete)
            {
                break;
            }
        }
        // </snippet:tour>

        Assert.Equal(("shop", "shop", revision), (entry!.GetString(), name, entry.Revision));
        Assert.True(view.ContainsKey("app.name"));
    }
}
