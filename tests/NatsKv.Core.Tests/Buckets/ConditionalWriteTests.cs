using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace NatsKv.Tests.Buckets;

/// <summary>Writes on condition: who is too late learns it, and what is there now.</summary>
public sealed class ConditionalWriteTests(Server server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TryForms_SomebodyWasFaster_IsAResultWithTheRevisionInTheWay()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { History = 5 });
        await using NatsKvClient _ = client;

        Assert.Equal(new NatsKvWriteResult(IsStored: true, 1), await bucket.TryCreateAsync("key", "1", cancellationToken: Ct));
        var lost = new NatsKvWriteResult(IsStored: false, 1);
        Assert.Equal(lost, await bucket.TryCreateAsync("key", "x"u8.ToArray(), cancellationToken: Ct));
        Assert.Equal(lost, await bucket.TryUpdateAsync("key", "x", 7, cancellationToken: Ct));
        Assert.Equal(lost, await bucket.TryUpdateAsync("key", "x"u8.ToArray(), 7, cancellationToken: Ct));
        Assert.Equal(lost, await bucket.TryDeleteAsync("key", 7, Ct));
        Assert.Equal(lost, await bucket.TryPurgeAsync("key", 7, cancellationToken: Ct));
        await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(async () => await bucket.DeleteAsync("key", 7, Ct));
        await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(async () => await bucket.PurgeAsync("key", 7, cancellationToken: Ct));
        Assert.Equal("1", await bucket.GetStringAsync("key", Ct));

        Assert.Equal(new NatsKvWriteResult(IsStored: true, 2), await bucket.TryUpdateAsync("key", "2", 1, cancellationToken: Ct));
        Assert.Equal(new NatsKvWriteResult(IsStored: true, 3), await bucket.TryDeleteAsync("key", 2, Ct));
        Assert.Equal(4UL, await bucket.CreateAsync("key", "4", cancellationToken: Ct));
        Assert.Equal(5UL, await bucket.DeleteAsync("key", 4, Ct));
        Assert.Equal(6UL, await bucket.PurgeAsync("key", 5, cancellationToken: Ct));
        Assert.Equal(new NatsKvWriteResult(IsStored: true, 7), await bucket.TryPurgeAsync("key", 6, cancellationToken: Ct));
        Assert.Equal(NatsKvOperation.Purge, (await bucket.GetHistoryAsync("key", Ct).SingleAsync(Ct)).Operation);
    }

    [Fact]
    public async Task TryForms_KeyWithoutARevision_TellNone()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;

        Assert.Equal(new NatsKvWriteResult(IsStored: false, 0), await bucket.TryUpdateAsync("key", "x", 7, cancellationToken: Ct));
    }

    [Fact]
    public async Task TryForms_SomebodyWasFaster_ThrowNothingInside()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await bucket.PutAsync("key", "1", cancellationToken: Ct);
        var thrown = new ConcurrentQueue<Exception>();
        void Note(object? sender, FirstChanceExceptionEventArgs args)
        {
            if (args.Exception is NatsKvRevisionMismatchException { Bucket: { } name } && name == bucket.Name)
            {
                thrown.Enqueue(args.Exception);
            }
        }

        AppDomain.CurrentDomain.FirstChanceException += Note;
        try
        {
            await bucket.TryCreateAsync("key", "x", cancellationToken: Ct);
            await bucket.TryUpdateAsync("key", "x", 7, cancellationToken: Ct);
            await bucket.TryPurgeAsync("key", 7, cancellationToken: Ct);
            Assert.Empty(thrown);
            await Assert.ThrowsAsync<NatsKvRevisionMismatchException>(async () => await bucket.UpdateAsync("key", "x", 7, cancellationToken: Ct));
            Assert.NotEmpty(thrown);
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= Note;
        }
    }

    [Fact]
    public async Task TryWrite_RemovalWithAValue_IsRefusedBeforeAnythingIsSent()
    {
        await using var client = new NatsKvClient(new NatsKvOptions { Url = "nats://127.0.0.1:1" });

        await Assert.ThrowsAsync<ArgumentException>(
            async () => await client.Bind("bucket").TryWriteAsync(NatsKvOperation.Delete, "key", new("value"u8.ToArray()), default, Ct));
    }
}
