namespace NatsKv.Tests.Seeds;

/// <summary>What the NATS concept page says that one can do with a bucket.</summary>
public sealed class ConceptPageTests(Server server)
{
    [Fact]
    public async Task Operations_PutGetDeletePurgeKeysCreateUpdate()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;

        await bucket.PutAsync("sensor.1", "20");
        Assert.Equal("20", await bucket.GetStringAsync("sensor.1"));

        ulong revision = await bucket.CreateAsync("sensor.2", "30");
        await bucket.UpdateAsync("sensor.2", "31", revision);
        Assert.Equal(["sensor.1", "sensor.2"], await bucket.GetKeysAsync().ToListAsync());

        await bucket.DeleteAsync("sensor.1");
        Assert.Equal(["sensor.2"], await bucket.GetKeysAsync().ToListAsync());

        // 'Clear all the values associated with all keys'.
        await bucket.PurgeAllAsync();
        Assert.Null(await bucket.GetAsync("sensor.2"));
        Assert.Empty(await bucket.GetKeysAsync().ToListAsync());
    }

    [Fact]
    public async Task Create_ComparesToNullAndSets_AlsoAfterADelete()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;

        await bucket.CreateAsync("lock", "a");
        await Assert.ThrowsAsync<NatsKvKeyExistsException>(async () => await bucket.CreateAsync("lock", "b"));
        await bucket.DeleteAsync("lock");
        await bucket.CreateAsync("lock", "c");

        Assert.Equal("c", await bucket.GetStringAsync("lock"));
    }

    [Fact]
    public async Task Limits_OfTheBucketAndOfAValue()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(
            static config => config with { MaxBytes = 4000, MaxValueSize = 1000, MaxAge = TimeSpan.FromHours(1) });
        await using NatsKvClient _ = client;

        await Assert.ThrowsAsync<NatsKvValueTooLargeException>(async () => await bucket.PutAsync("key", new byte[1001]));
        await Assert.ThrowsAsync<NatsKvBucketFullException>(async () =>
        {
            for (int i = 0; i < 10; i++)
            {
                await bucket.PutAsync($"key.{i}", new byte[800]);
            }
        });

        NatsKvBucketConfig config = (await bucket.GetStatusAsync()).Config;
        Assert.Equal((4000L, 1000, TimeSpan.FromHours(1)), (config.MaxBytes!.Value, config.MaxValueSize!.Value, config.MaxAge!.Value));
    }

    [Fact]
    public async Task ReadsOfTheLeader_SeeEveryAcknowledgedWrite()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient writer = client;
        await using NatsKvClient reader = server.NewClient();
        INatsKvBucket elsewhere = reader.Bind(bucket.Name);

        // <snippet:consistent-reads>
        ulong revision = await bucket.PutAsync("app.name", "shop");

        // Whoever wrote reads what it wrote. Others ask the leader, or hand the revision over.
        NatsKvEntry? own = await bucket.GetAsync("app.name");
        NatsKvEntry? leaders = await elsewhere.GetAsync("app.name", new NatsKvReadOptions { FromLeader = true });
        NatsKvEntry? recent = await elsewhere.GetAsync("app.name", new NatsKvReadOptions { AtLeastRevision = revision });
        // </snippet:consistent-reads>

        Assert.Equal([revision, revision, revision], [own!.Revision, leaders!.Revision, recent!.Revision]);
    }

    [Fact]
    public async Task Watch_OneKeyOrAll_ReceivesPutsAndDeletes()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { History = 5 });
        await using NatsKvClient _ = client;
        await using var one = new Watching.WatchReader(bucket.WatchAsync(new NatsKvWatchOptions { Filters = ["sensor.1"] }));
        await using var all = new Watching.WatchReader(bucket.WatchAsync());
        Assert.Equal(["complete"], await one.ReadAsync(1));
        Assert.Equal(["complete"], await all.ReadAsync(1));

        await bucket.PutAsync("sensor.1", "20");
        await bucket.PutAsync("sensor.2", "30");
        await bucket.DeleteAsync("sensor.1");

        Assert.Equal(["sensor.1=20 Put", "sensor.1= Delete"], await one.ReadAsync(2));
        Assert.Equal(["sensor.1=20 Put", "sensor.2=30 Put", "sensor.1= Delete"], await all.ReadAsync(3));
    }

    [Fact]
    public async Task History_HasValuesAndDeletes_AndIsOneDeepByDefault()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { History = 5 });
        await using NatsKvClient _ = client;
        await bucket.PutAsync("sensor.1", "20");
        await bucket.DeleteAsync("sensor.1");

        Assert.Equal(
            [NatsKvOperation.Put, NatsKvOperation.Delete],
            await bucket.GetHistoryAsync("sensor.1").Select(static entry => entry.Operation).ToListAsync());
        Assert.Equal(1, new NatsKvBucketConfig { Bucket = "any" }.History);
    }

    [Fact]
    public async Task Keys_AreSubjects_AndWildcardsMatchTheirHierarchy()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        foreach (string key in new[] { "house.kitchen.lamp", "house.kitchen.oven", "house.hall.lamp", "car.lamp" })
        {
            await bucket.PutAsync(key, "on");
        }

        // <snippet:keys-filtered>
        List<string> lamps = await bucket.GetKeysAsync("house.*.lamp").ToListAsync();
        List<string> both = await bucket.GetKeysAsync(["house.kitchen.>", "car.*"]).ToListAsync();
        int house = await bucket.CountKeysAsync("house.>");
        // </snippet:keys-filtered>

        Assert.Equal(["house.hall.lamp", "house.kitchen.lamp"], lamps.Order());
        Assert.Equal(["car.lamp", "house.kitchen.lamp", "house.kitchen.oven"], both.Order());
        Assert.Equal(3, house);
        await Assert.ThrowsAsync<ArgumentException>(async () => await bucket.PutAsync("no key", "on"));
    }
}
