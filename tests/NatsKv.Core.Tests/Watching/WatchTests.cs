namespace NatsKv.Tests.Watching;

public sealed class WatchTests(Server server)
{
    // Servers remove a consumer that nobody listens to after ten seconds by themselves.
    private static readonly TimeSpan ConsumerDeadline = TimeSpan.FromSeconds(8);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WatchAsync_BucketWithKeys_GivesLatestValuesThenTheEndThenChanges()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(config => config with { History = 5 });
        await using NatsKvClient _ = client;
        await bucket.PutAsync("a", "old", cancellationToken: Ct);
        await bucket.PutAsync("a", "new", cancellationToken: Ct);
        await bucket.PutAsync("b", "1", cancellationToken: Ct);
        await bucket.DeleteAsync("b", cancellationToken: Ct);

        await using WatchReader watch = new(bucket.WatchAsync(cancellationToken: Ct));
        Assert.Equal(["a=new Put", "b= Delete", "complete"], await watch.ReadAsync(3));

        await bucket.PutAsync("c", "2", cancellationToken: Ct);
        await bucket.PurgeAsync("a", cancellationToken: Ct);
        Assert.Equal(["c=2 Put", "a= Purge"], await watch.ReadAsync(2));
    }

    [Fact]
    public async Task WatchAsync_EmptyBucket_CompletesAtOnce()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;

        await using WatchReader watch = new(bucket.WatchAsync(cancellationToken: Ct));

        Assert.Equal(["complete"], await watch.ReadAsync(1));
    }

    [Fact]
    public async Task WatchAsync_EverythingWasPurgedFromTheStream_Completes()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(config => config with { LimitMarkerTtl = TimeSpan.FromSeconds(1) });
        await using NatsKvClient _ = client;
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        await bucket.PurgeAsync("a", new NatsKvWriteOptions { TimeToLive = TimeSpan.FromSeconds(1) }, Ct);
        await TestKit.Eventually.TrueAsync(async () => (await bucket.GetStatusAsync(Ct)).Values == 0, "the purge marker vanishes", ct: Ct);

        await using WatchReader watch = new(bucket.WatchAsync(cancellationToken: Ct));

        Assert.Equal(["complete"], await watch.ReadAsync(1));
    }

    [Fact]
    public async Task WatchAsync_FilterMatchesNothing_Completes()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await bucket.PutAsync("a.b", "1", cancellationToken: Ct);

        await using WatchReader watch = new(bucket.WatchAsync(new NatsKvWatchOptions { Filters = ["c.>"] }, Ct));

        Assert.Equal(["complete"], await watch.ReadAsync(1));
        await bucket.PutAsync("c.d", "2", cancellationToken: Ct);
        Assert.Equal(["c.d=2 Put"], await watch.ReadAsync(1));
    }

    [Fact]
    public async Task WatchAsync_SeveralFilters_GivesTheirKeysOnly()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        foreach (string key in (string[])["app", "app.x", "application.y", "b.q.c", "b.q.d"])
        {
            await bucket.PutAsync(key, key, cancellationToken: Ct);
        }

        // 'app.x' lies within 'app.>': the server would refuse the two together.
        await using WatchReader watch = new(bucket.WatchAsync(new NatsKvWatchOptions { Filters = ["app", "app.>", "app.x", "b.*.c"] }, Ct));

        Assert.Equal(["app=app Put", "app.x=app.x Put", "b.q.c=b.q.c Put", "complete"], await watch.ReadAsync(4));
    }

    [Fact]
    public async Task WatchAsync_UpdatesOnly_CompletesAtOnceAndGivesChangesOnly()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await bucket.PutAsync("a", "1", cancellationToken: Ct);

        await using WatchReader watch = new(bucket.WatchAsync(new NatsKvWatchOptions { UpdatesOnly = true }, Ct));
        Assert.Equal(["complete"], await watch.ReadAsync(1));
        await bucket.PutAsync("a", "2", cancellationToken: Ct);

        Assert.Equal(["a=2 Put"], await watch.ReadAsync(1));
    }

    [Fact]
    public async Task WatchAsync_IgnoreDeletesAndLastChangeIsOne_StillCompletes()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        await bucket.PutAsync("b", "2", cancellationToken: Ct);
        await bucket.DeleteAsync("b", cancellationToken: Ct);

        await using WatchReader watch = new(bucket.WatchAsync(new NatsKvWatchOptions { IgnoreDeletes = true }, Ct));

        Assert.Equal(["a=1 Put", "complete"], await watch.ReadAsync(2));
    }

    [Fact]
    public async Task WatchAsync_HeadersOnly_GivesNoValues()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await bucket.PutAsync("a", "1", cancellationToken: Ct);

        await using WatchReader watch = new(bucket.WatchAsync(new NatsKvWatchOptions { HeadersOnly = true }, Ct));

        Assert.Equal(["a= Put", "complete"], await watch.ReadAsync(2));
    }

    [Fact]
    public async Task WatchAsync_IncludeHistory_GivesEveryKeptRevision()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(config => config with { History = 2 });
        await using NatsKvClient _ = client;
        foreach (string value in (string[])["1", "2", "3"])
        {
            await bucket.PutAsync("a", value, cancellationToken: Ct);
        }

        await using WatchReader watch = new(bucket.WatchAsync(new NatsKvWatchOptions { IncludeHistory = true }, Ct));

        Assert.Equal(["a=2 Put", "a=3 Put", "complete"], await watch.ReadAsync(3));
    }

    [Fact]
    public async Task WatchAsync_KeyExpires_GivesAPurge()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(config => config with { LimitMarkerTtl = TimeSpan.FromSeconds(2) });
        await using NatsKvClient _ = client;
        await using WatchReader watch = new(bucket.WatchAsync(cancellationToken: Ct));
        Assert.Equal(["complete"], await watch.ReadAsync(1));

        await bucket.CreateAsync("a", "1", TimeSpan.FromSeconds(1), Ct);

        Assert.Equal(["a=1 Put", "a= Purge"], await watch.ReadAsync(2));
    }

    [Fact]
    public async Task WatchAsync_TenThousandKeysUnderConstantWrites_CompletesWithEveryKey()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await Task.WhenAll(Enumerable.Range(0, 10_000).Select(i => bucket.PutAsync($"key.{i}", "0", cancellationToken: Ct).AsTask()));
        using var writing = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        Task writer = Task.Run(
            async () =>
            {
                for (int i = 0; !writing.IsCancellationRequested; i++)
                {
                    await bucket.PutAsync($"key.{i % 10_000}", "1", cancellationToken: Ct);
                }
            },
            Ct);

        var keys = new HashSet<string>(StringComparer.Ordinal);
        await foreach (NatsKvWatchEvent item in bucket.WatchAsync(cancellationToken: Ct))
        {
            if (item.Kind == NatsKvWatchEventKind.InitialDataComplete)
            {
                break;
            }

            keys.Add(item.Entry!.Key);
        }

        await writing.CancelAsync();
        await writer;
        Assert.Equal(10_000, keys.Count);
    }

    [Fact]
    public async Task GetKeysAsync_DeletedAndPurgedKeys_AreLeftOut()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(config => config with { History = 3 });
        await using NatsKvClient _ = client;
        foreach (string key in (string[])["a", "b", "c", "d.e"])
        {
            await bucket.PutAsync(key, key, cancellationToken: Ct);
        }

        await bucket.PutAsync("a", "again", cancellationToken: Ct);
        await bucket.DeleteAsync("b", cancellationToken: Ct);
        await bucket.PurgeAsync("c", cancellationToken: Ct);

        Assert.Equal(["d.e", "a"], await bucket.GetKeysAsync(cancellationToken: Ct).ToListAsync(Ct));
        Assert.Equal(["d.e"], await bucket.GetKeysAsync("d.>", Ct).ToListAsync(Ct));
        Assert.Empty(await bucket.GetKeysAsync("x.>", Ct).ToListAsync(Ct));
    }

    [Fact]
    public async Task WatchAsync_LoopLeft_RemovesTheConsumer()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await foreach (NatsKvWatchEvent unused in bucket.WatchAsync(cancellationToken: Ct))
        {
            Assert.Equal(1, await server.ConsumerCountAsync(bucket.Name));
            break;
        }

        await TestKit.Eventually.EqualAsync(0, () => server.ConsumerCountAsync(bucket.Name), "consumers of the bucket", ConsumerDeadline, Ct);
    }

    [Fact]
    public async Task WatchAsync_Cancelled_ThrowsAndRemovesTheConsumer()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        using var cancellation = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (NatsKvWatchEvent unused in bucket.WatchAsync(cancellationToken: cancellation.Token))
            {
                await cancellation.CancelAsync();
            }
        });

        await TestKit.Eventually.EqualAsync(0, () => server.ConsumerCountAsync(bucket.Name), "consumers of the bucket", ConsumerDeadline, Ct);
    }

    [Theory]
    [InlineData("foo.")]
    [InlineData("foo..bar")]
    [InlineData("a.>.b")]
    [InlineData("foo*bar")]
    [InlineData("foo>")]
    [InlineData("")]
    public async Task WatchAsync_IllegalFilter_IsRefused(string filter)
    {
        await using NatsKvClient client = server.NewClient();

        ArgumentException thrown = Assert.Throws<ArgumentException>(() => client.Bind("bucket").WatchAsync(new NatsKvWatchOptions { Filters = [filter] }, Ct));

        Assert.Contains("is not a legal filter", thrown.Message, StringComparison.Ordinal);
    }
}
