using NatsKv.TestKit;
using NatsKv.Testing;

namespace NatsKv.Tests.Watching.Rows;

/// <summary>W11, W22: deletes, purges and expiries.</summary>
public sealed class RemovalRows(ServerVersions servers) : RowTests(servers)
{
    private static readonly NatsKvWatchOptions IgnoreDeletes = new() { IgnoreDeletes = true };

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W11_IgnoreDeletes_LeavesOutDeletesAndPurgesAlsoLive(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version, config => config with { History = 5 });
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        await bucket.PutAsync("b", "1", cancellationToken: Ct);
        await bucket.DeleteAsync("a", cancellationToken: Ct);
        WatchReader watch = Watch(bucket, IgnoreDeletes);
        Assert.Equal(["b=1 Put", "complete"], await watch.ReadAsync(2));

        await bucket.DeleteAsync("b", cancellationToken: Ct);
        await bucket.PurgeAsync("a", cancellationToken: Ct);
        await bucket.PutAsync("c", "2", cancellationToken: Ct);

        Assert.Equal(["c=2 Put"], await watch.ReadAsync(1));
    }

    [Fact]
    public async Task W11_IgnoreDeletes_LeavesOutExpiries()
    {
        INatsKvBucket bucket = await NewBucketAsync(change: config => config with { LimitMarkerTtl = TimeSpan.FromSeconds(60) });
        WatchReader ignoring = Watch(bucket, IgnoreDeletes);
        WatchReader watch = Watch(bucket);
        Assert.Equal(["complete"], await ignoring.ReadAsync(1));
        Assert.Equal(["complete"], await watch.ReadAsync(1));

        await bucket.PutAsync("a", "1", TimeSpan.FromSeconds(1), Ct);
        Assert.Equal(["a=1 Put", "a= Purge"], await watch.ReadAsync(2));
        await bucket.PutAsync("b", "2", cancellationToken: Ct);

        Assert.Equal(["a=1 Put", "b=2 Put"], await ignoring.ReadAsync(2));
    }

    [Fact]
    public async Task W22_MaxAgeWithMarkers_GivesAPurgeForEachKey()
    {
        INatsKvBucket bucket = await NewBucketAsync(
            change: config => config with { MaxAge = TimeSpan.FromSeconds(1), LimitMarkerTtl = TimeSpan.FromSeconds(60) });
        WatchReader watch = Watch(bucket);
        Assert.Equal(["complete"], await watch.ReadAsync(1));

        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        await bucket.PutAsync("b", "1", cancellationToken: Ct);

        // On a busy machine the first may have expired before the second is put.
        string[] events = await watch.ReadAsync(4);
        Assert.Equal(["a=1 Put", "a= Purge"], events.Where(static text => text.StartsWith('a')));
        Assert.Equal(["b=1 Put", "b= Purge"], events.Where(static text => text.StartsWith('b')));
        Assert.Empty(await bucket.GetKeysAsync(cancellationToken: Ct).ToListAsync(Ct));
        Assert.Equal(0, await bucket.CountKeysAsync(cancellationToken: Ct));
        Assert.Null(await bucket.GetAsync("a", Ct));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W22_MaxAgeWithoutMarkers_ExpiresInSilence(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version, config => config with { MaxAge = TimeSpan.FromSeconds(1) });

        // With the usual heartbeat the leader would be asked every 5 s: a bucket found empty behind a watch that holds something is a reset.
        WatchReader watch = Watch(bucket, new NatsKvWatchOptions { IdleHeartbeat = TimeSpan.FromMinutes(1) });
        Assert.Equal(["complete"], await watch.ReadAsync(1));
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        Assert.Equal(["a=1 Put"], await watch.ReadAsync(1));

        await Eventually.EqualAsync(0, async () => (await bucket.GetStatusAsync(Ct)).Values, "values kept", ct: Ct);
        await (await NewClientAsync(version)).UpdateBucketAsync(bucket.Name, static config => config with { MaxAge = null }, Ct);
        await bucket.PutAsync("b", "2", cancellationToken: Ct);

        // No server tells; what comes next is the next change.
        Assert.Equal(["b=2 Put"], await watch.ReadAsync(1));
        Assert.Equal(["b"], await bucket.GetKeysAsync(cancellationToken: Ct).ToListAsync(Ct));
    }

    [Fact]
    public async Task W22_MarkerThatExpires_IsSilent()
    {
        INatsKvBucket bucket = await NewBucketAsync(change: config => config with { LimitMarkerTtl = TimeSpan.FromSeconds(1) });
        WatchReader watch = Watch(bucket);
        Assert.Equal(["complete"], await watch.ReadAsync(1));
        await bucket.PutAsync("a", "1", TimeSpan.FromSeconds(1), Ct);
        Assert.Equal(["a=1 Put", "a= Purge"], await watch.ReadAsync(2));

        await Eventually.EqualAsync(0, async () => (await bucket.GetStatusAsync(Ct)).Values, "markers kept", ct: Ct);
        await bucket.PutAsync("b", "2", cancellationToken: Ct);

        Assert.Equal(["b=2 Put"], await watch.ReadAsync(1));
    }

    [Theory]
    [InlineData("Nats-Marker-Reason: MaxAge", NatsKvOperation.Purge)]
    [InlineData("Nats-Marker-Reason: Purge", NatsKvOperation.Purge)]
    [InlineData("Nats-Marker-Reason: Remove", NatsKvOperation.Delete)]
    [InlineData("Nats-Marker-Reason: Whatever", NatsKvOperation.Purge)]
    [InlineData("KV-Operation: DEL", NatsKvOperation.Delete)]
    [InlineData("KV-Operation: PURGE", NatsKvOperation.Purge)]
    [InlineData("KV-Operation: PUT", NatsKvOperation.Put)]
    public async Task W22_Marker_IsTheSameOperationInAWatchAsInAGet(string header, NatsKvOperation operation)
    {
        INatsKvBucket bucket = await NewBucketAsync();
        WatchReader live = Watch(bucket);
        Assert.Equal(["complete"], await live.ReadAsync(1));

        await PublishAsync(bucket, "a", header, "");

        Assert.Equal(operation, (await live.NextAsync()).Entry!.Operation);
        Assert.Equal(operation, (await Watch(bucket).NextAsync()).Entry!.Operation);
        Assert.Equal(operation, (await Watch(bucket, new NatsKvWatchOptions { HeadersOnly = true }).NextAsync()).Entry!.Operation);
        Assert.Equal(operation, (await bucket.GetAsync("a", new NatsKvReadOptions { IncludeDeleted = true }, Ct))!.Operation);
        Assert.Equal(operation == NatsKvOperation.Put ? ["a"] : [], await bucket.GetKeysAsync(cancellationToken: Ct).ToListAsync(Ct));
    }
}
