using NatsKv.TestKit;

namespace NatsKv.Tests.Buckets;

/// <summary>Creating a key that was there before (ADR-8: its marker is in the way of 'expected revision 0').</summary>
public sealed class CreateTests(Server server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, NatsKvOperation.Delete)]
    [InlineData(1, NatsKvOperation.Purge)]
    [InlineData(5, NatsKvOperation.Delete)]
    [InlineData(5, NatsKvOperation.Purge)]
    public async Task Create_AfterRemoval_Stores(int history, NatsKvOperation removal)
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(config => config with { History = history });
        await using NatsKvClient _ = client;
        await bucket.CreateAsync("key", "first", cancellationToken: Ct);
        NatsKvKeyExistsException exists = await Assert.ThrowsAsync<NatsKvKeyExistsException>(async () => await bucket.CreateAsync("key", "x", cancellationToken: Ct));
        Assert.Equal(1UL, exists.Revision);
        await (removal == NatsKvOperation.Delete ? bucket.DeleteAsync("key", cancellationToken: Ct) : bucket.PurgeAsync("key", cancellationToken: Ct));

        Assert.Equal(3UL, await bucket.CreateAsync("key", "second", cancellationToken: Ct));

        Assert.Equal("second", await bucket.GetStringAsync("key", Ct));
    }

    [Fact]
    public async Task Create_AfterExpiry_StoresWithATtlOfItsOwn()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { LimitMarkerTtl = TimeSpan.FromMinutes(1) });
        await using NatsKvClient _ = client;
        await bucket.CreateAsync("key", "first", TimeSpan.FromSeconds(1), Ct);
        await Eventually.TrueAsync(async () => await bucket.GetAsync("key", Ct) is null, "the key has expired", ct: Ct);
        Assert.NotNull(await bucket.GetAsync("key", new NatsKvReadOptions { IncludeDeleted = true }, Ct));

        ulong second = await bucket.CreateAsync("key", "second", TimeSpan.FromSeconds(3), Ct);

        // Its marker, if the machine was busy for longer than it lived.
        NatsKvEntry found = (await bucket.GetAsync("key", new NatsKvReadOptions { IncludeDeleted = true }, Ct))!;
        Assert.True(found is { Operation: NatsKvOperation.Put } ? found.GetString() == "second" && found.Revision == second : found.Revision > second, $"{found.Operation} {found.Revision}");
        await Eventually.TrueAsync(async () => await bucket.GetAsync("key", Ct) is null, "the second one has expired too", ct: Ct);
    }

    [Fact]
    public async Task Create_ManyAtOnceOverAndOver_ExactlyOneWinsEachTime()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        for (int round = 0; round < 50; round++)
        {
            NatsKvWriteResult[] results = await Task.WhenAll(
                Enumerable.Range(0, 8).Select(writer => bucket.TryCreateAsync("key", new System.Buffers.ReadOnlySequence<byte>([(byte)writer]), default, Ct).AsTask()));

            NatsKvWriteResult winner = Assert.Single(results, static result => result.IsStored);
            Assert.Equal(winner.Revision, (await bucket.GetAsync("key", Ct))!.Revision);
            await (round % 2 == 0 ? bucket.DeleteAsync("key", cancellationToken: Ct) : bucket.PurgeAsync("key", cancellationToken: Ct));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RemovalWithExpectedRevision_OnlyIfItIsStillThat(bool purge)
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { LimitMarkerTtl = TimeSpan.FromSeconds(1) });
        await using NatsKvClient _ = client;
        ulong first = await bucket.PutAsync("key", "1", cancellationToken: Ct);
        ulong second = await bucket.PutAsync("key", "2", cancellationToken: Ct);
        var marker = new NatsKvWriteOptions { ExpectedRevision = second, TimeToLive = TimeSpan.FromSeconds(1) };

        NatsKvRevisionMismatchException lost = await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(async () => await RemoveAsync(marker with { ExpectedRevision = first }));
        Assert.Equal((first, second), (lost.ExpectedRevision, lost.ActualRevision));
        Assert.Equal("2", await bucket.GetStringAsync("key", Ct));

        await RemoveAsync(marker);
        Assert.Null(await bucket.GetAsync("key", Ct));
        await Eventually.TrueAsync(
            async () => await bucket.GetAsync("key", new NatsKvReadOptions { IncludeDeleted = true }, Ct) is null, "the marker has vanished by itself", ct: Ct);

        ValueTask<ulong> RemoveAsync(NatsKvWriteOptions options) => purge ? bucket.PurgeAsync("key", options, Ct) : bucket.DeleteAsync("key", options, Ct);
    }
}
