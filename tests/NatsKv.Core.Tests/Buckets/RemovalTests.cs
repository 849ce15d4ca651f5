using NatsKv.TestKit;

namespace NatsKv.Tests.Buckets;

public sealed class RemovalTests(Server server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PurgeAll_RemovesEverythingButTheBucket()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { History = 3 });
        await using NatsKvClient _ = client;
        await PutAsync(bucket, "a", 3);
        await PutAsync(bucket, "b", 1);
        await bucket.DeleteAsync("b", cancellationToken: Ct);

        Assert.Equal(5, await bucket.PurgeAllAsync(Ct));

        NatsKvBucketStatus status = await bucket.GetStatusAsync(Ct);
        Assert.Equal((0, 0, 5UL), (status.Keys, status.Values, status.LastRevision));
        Assert.Equal(6UL, await bucket.PutAsync("a", "new", cancellationToken: Ct));
    }

    [Theory]
    [InlineData(1, 4, "5")]
    [InlineData(3, 2, "3,4,5")]
    [InlineData(9, 0, "1,2,3,4,5")]
    public async Task TrimHistory_KeepsTheLatest(int keep, int removed, string left)
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { History = 10 });
        await using NatsKvClient _ = client;
        await PutAsync(bucket, "key", 5);
        await PutAsync(bucket, "key.other", 2);

        Assert.Equal(removed, await bucket.TrimHistoryAsync("key", keep, Ct));

        Assert.Equal(left.Split(','), (await bucket.GetHistoryAsync("key", Ct).ToListAsync(Ct)).Select(static entry => entry.GetString()));
        Assert.Equal(2, await bucket.GetHistoryAsync("key.other", Ct).CountAsync(Ct));
    }

    [Fact]
    public async Task Erase_BelowARevision_LeavesTheRest()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { History = 10 });
        await using NatsKvClient _ = client;
        await PutAsync(bucket, "a", 3);
        await PutAsync(bucket, "b", 3);

        Assert.Equal(0, await bucket.EraseAsync(new NatsKvErasure { Before = 0 }, Ct));
        Assert.Equal(0, await bucket.EraseAsync(new NatsKvErasure { Before = 1 }, Ct));
        Assert.Equal(1, await bucket.EraseAsync(new NatsKvErasure { Filter = "b", Before = 5 }, Ct));

        Assert.Equal([1UL, 2UL, 3UL], (await bucket.GetHistoryAsync("a", Ct).ToListAsync(Ct)).Select(static entry => entry.Revision));
        Assert.Equal([5UL, 6UL], (await bucket.GetHistoryAsync("b", Ct).ToListAsync(Ct)).Select(static entry => entry.Revision));
    }

    [Fact]
    public async Task Erase_SettingsThatTheServerMisunderstands_AreRefused()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;

        await Assert.ThrowsAsync<ArgumentException>(async () => await bucket.EraseAsync(new NatsKvErasure { Filter = "a", Before = 5, Keep = 1 }, Ct));
        await Assert.ThrowsAsync<ArgumentException>(async () => await bucket.EraseAsync(new NatsKvErasure { Filter = "a.*", Keep = 1 }, Ct));
        await Assert.ThrowsAsync<ArgumentException>(async () => await bucket.EraseAsync(new NatsKvErasure { Keep = 1 }, Ct));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await bucket.EraseAsync(new NatsKvErasure { Filter = "a", Keep = 0 }, Ct));
        await Assert.ThrowsAsync<ArgumentException>(async () => await bucket.EraseAsync(new NatsKvErasure { Filter = "a b" }, Ct));
    }

    [Fact]
    public async Task Remove_WithRoom_LeavesAMarker()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await PutAsync(bucket, "key", 1);

        Assert.True(await bucket.RemoveAsync("key", Ct));

        Assert.Null(await bucket.GetAsync("key", Ct));
        Assert.Equal(NatsKvOperation.Purge, (await bucket.GetAsync("key", new NatsKvReadOptions { IncludeDeleted = true }, Ct))!.Operation);
    }

    [Fact]
    public async Task Remove_FullBucket_MakesRoom()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { MaxBytes = 2000 });
        await using NatsKvClient _ = client;
        await bucket.PutAsync("keep", new byte[500], cancellationToken: Ct);
        await bucket.PutAsync("key", "", cancellationToken: Ct);
        await bucket.PutAsync("large", new byte[1200], cancellationToken: Ct);

        var full = await Assert.ThrowsAsync<NatsKvBucketFullException>(async () => await bucket.PutAsync("more", new byte[500], cancellationToken: Ct));
        Assert.False(full.IsTransient);
        Assert.Equal(bucket.Name, full.Bucket);

        // The server counts what a write replaces, so the marker of a large value fits; that of a small one doesn't.
        await FillAsync(bucket);
        await Assert.ThrowsAsync<NatsKvBucketFullException>(async () => await bucket.PurgeAsync("key", cancellationToken: Ct));
        Assert.False(await bucket.RemoveAsync("key", Ct));
        Assert.True(await bucket.RemoveAsync("large", Ct));

        Assert.Null(await bucket.GetAsync("key", new NatsKvReadOptions { IncludeDeleted = true }, Ct));
        Assert.NotNull(await bucket.GetAsync("keep", Ct));
        await bucket.PutAsync("more", new byte[500], cancellationToken: Ct);
    }

    [Fact]
    public async Task Remove_BucketOfTinyValues_WorksWithoutAMarker()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { MaxValueSize = 8 });
        await using NatsKvClient _ = client;
        await bucket.PutAsync("key", "12345678", cancellationToken: Ct);

        var exception = await Assert.ThrowsAsync<NatsKvValueTooLargeException>(async () => await bucket.PutAsync("key", "123456789", cancellationToken: Ct));
        Assert.Equal("key", exception.Key);

        Assert.False(await bucket.RemoveAsync("key", Ct));
        Assert.Null(await bucket.GetAsync("key", Ct));
    }

    [Fact]
    public async Task DeleteAll_Filter_DeletesEachKeyThatMatches()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await Task.WhenAll(Enumerable.Range(0, 200).Select(number => bucket.PutAsync($"a.{number}", "x", cancellationToken: Ct).AsTask()));
        await bucket.PutAsync("b.1", "x", cancellationToken: Ct);
        await bucket.DeleteAsync("a.0", cancellationToken: Ct);

        Assert.Equal(199, await bucket.DeleteAllAsync("a.*", Ct));

        Assert.Equal(["b.1"], await bucket.GetKeysAsync(cancellationToken: Ct).ToListAsync(Ct));
        Assert.Equal(0, await bucket.DeleteAllAsync("a.*", Ct));
    }

    [Fact]
    public async Task PurgeDeletes_OldMarkers_GoAndYoungOnesStay()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { History = 5 });
        await using NatsKvClient _ = client;
        await PutAsync(bucket, "value", 2);
        await PutAsync(bucket, "deleted", 2);
        await PutAsync(bucket, "purged", 2);
        await bucket.DeleteAsync("deleted", cancellationToken: Ct);
        await bucket.PurgeAsync("purged", cancellationToken: Ct);

        Assert.Equal(0, await bucket.PurgeDeletesAsync(cancellationToken: Ct));
        Assert.Equal(1, await bucket.GetHistoryAsync("deleted", Ct).CountAsync(Ct));
        Assert.Equal(1, await bucket.PurgeDeletesAsync(TimeSpan.Zero, "purged", Ct));
        Assert.Equal(1, await bucket.PurgeDeletesAsync(TimeSpan.Zero, cancellationToken: Ct));

        NatsKvBucketStatus status = await bucket.GetStatusAsync(Ct);
        Assert.Equal((1, 2), (status.Keys, status.Values));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task PurgeDeletes_NothingOrOnlyMarkers_LeavesNothing(int history)
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(config => config with { History = history });
        await using NatsKvClient _ = client;
        Assert.Equal(0, await bucket.PurgeDeletesAsync(TimeSpan.Zero, cancellationToken: Ct));
        await PutAsync(bucket, "deleted", 3);
        await PutAsync(bucket, "purged", 3);
        await bucket.DeleteAsync("deleted", cancellationToken: Ct);
        await bucket.PurgeAsync("purged", cancellationToken: Ct);

        Assert.Equal(2, await bucket.PurgeDeletesAsync(TimeSpan.Zero, cancellationToken: Ct));

        NatsKvBucketStatus status = await bucket.GetStatusAsync(Ct);
        Assert.Equal((0, 0, 8UL), (status.Keys, status.Values, status.LastRevision));
    }

    [Fact]
    public async Task PurgeDeletes_KeysMadeAnewMeanwhile_AllSurvive()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        string[] keys = [.. Enumerable.Range(0, 300).Select(static number => $"k{number}")];
        await Task.WhenAll(keys.Select(key => bucket.DeleteAsync(key, cancellationToken: Ct).AsTask()));

        Task<int> purge = bucket.PurgeDeletesAsync(TimeSpan.Zero, cancellationToken: Ct).AsTask();
        await Task.WhenAll(keys.Reverse().Select(key => bucket.CreateAsync(key, "new", cancellationToken: Ct).AsTask()));
        await purge;

        Assert.Equal(keys.Order(), await bucket.GetKeysAsync(cancellationToken: Ct).Order().ToListAsync(Ct));
    }

    [Theory]
    [InlineData(NatsKvOperation.Put)]
    [InlineData(NatsKvOperation.Delete)]
    [InlineData(NatsKvOperation.Purge)]
    public async Task TimeToLive_BucketWithHistory_BringsNothingBackToLife(NatsKvOperation operation)
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(
            static config => config with { History = 5, LimitMarkerTtl = TimeSpan.FromSeconds(1) });
        await using NatsKvClient _ = client;
        await PutAsync(bucket, "key", 3);
        var options = new NatsKvWriteOptions { TimeToLive = TimeSpan.FromSeconds(1) };
        var deleted = new NatsKvReadOptions { IncludeDeleted = true };

        await (operation switch
        {
            NatsKvOperation.Put => bucket.PutAsync("key", new System.Buffers.ReadOnlySequence<byte>("short"u8.ToArray()), options, Ct),
            NatsKvOperation.Delete => bucket.DeleteAsync("key", options, Ct),
            _ => bucket.PurgeAsync("key", options, Ct),
        });

        await Eventually.TrueAsync(async () => await bucket.GetAsync("key", deleted, Ct) is null, "the key, and its marker, are gone", ct: Ct);
        Assert.Null(await bucket.GetAsync("key", Ct));
        Assert.Equal(0, await bucket.GetHistoryAsync("key", Ct).CountAsync(Ct));
    }

    // Bytes that fill the bucket up to less than a marker takes.
    private static async Task FillAsync(INatsKvBucket bucket)
    {
        int size = 200;
        for (int number = 0; size > 0; number++)
        {
            try
            {
                await bucket.PutAsync($"f{number}", new byte[size], cancellationToken: Ct);
            }
            catch (NatsKvBucketFullException)
            {
                size /= 2;
            }
        }
    }

    private static async Task PutAsync(INatsKvBucket bucket, string key, int times)
    {
        for (int i = 1; i <= times; i++)
        {
            await bucket.PutAsync(key, $"{i}", cancellationToken: Ct);
        }
    }
}
