using NatsKv.TestKit;

namespace NatsKv.Tests.Watching.Fire;

/// <summary>What a watch needs goes away on the server, of which the server tells it nothing.</summary>
public sealed class GoneTests(Server server)
{
    private static readonly TimeSpan IdleHeartbeat = TimeSpan.FromMilliseconds(200);

    // What takes three heartbeats; the default heartbeat would take longer.
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(10);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SomebodyDeletesTheConsumer_ItIsNoticedAndNothingIsMissed()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        var view = new FireView();
        await using INatsKvWatch watch = bucket.StartWatch(view, new NatsKvWatchOptions { IdleHeartbeat = IdleHeartbeat });
        await watch.WaitForStateAsync(NatsKvWatchState.Following, Ct);
        var probe = new JetStreamProbe(server.Server);
        string before = await OnlyConsumerAsync(probe, bucket);

        await probe.DeleteConsumersAsync(bucket.Name, Ct);
        ulong revision = await bucket.PutAsync("key", "1", cancellationToken: Ct);

        await watch.WaitForRevisionAsync(revision, Ct).AsTask().WaitAsync(Noticed, Ct);
        Assert.Equal($"@{revision} 1", view.Live()["key"]);
        Assert.NotEqual(before, await OnlyConsumerAsync(probe, bucket));
        Assert.Equal(0, view.Resets);
        Assert.Empty(view.Broken);
    }

    [Fact]
    public async Task TheBucketIsDeleted_TheWatchIsLostUntilItIsMadeAnew()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await bucket.PutAsync("old", "1", cancellationToken: Ct);
        var view = new FireView();
        await using INatsKvWatch watch = bucket.StartWatch(view, new NatsKvWatchOptions { IdleHeartbeat = IdleHeartbeat });
        await watch.WaitForStateAsync(NatsKvWatchState.Following, Ct);

        await client.DeleteBucketAsync(bucket.Name, Ct);
        NatsKvWatchStatus lost = await watch.WaitForStateAsync(NatsKvWatchState.Lost, Ct).AsTask().WaitAsync(Noticed, Ct);
        Assert.IsType<NatsKvBucketNotFoundException>(lost.Cause);
        Assert.Contains("old", view.Live().Keys);

        await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = bucket.Name, Storage = NatsKvStorage.Memory }, Ct);
        ulong revision = await bucket.PutAsync("new", "2", cancellationToken: Ct);

        // It looks for the bucket every 5 s at the longest.
        await Eventually.TrueAsync(() => view.Resets == 1, "the reset", ct: Ct);
        await watch.WaitForRevisionAsync(revision, Ct).AsTask().WaitAsync(Noticed, Ct);
        await watch.WaitForStateAsync(NatsKvWatchState.Following, Ct).AsTask().WaitAsync(Noticed, Ct);
        Assert.Equal(["new"], view.Live().Keys);
        Assert.Equal(1, view.Resets);
        Assert.Empty(view.Broken);
    }

    // A busy server's silence makes the watch change its consumer, and for a moment there is none.
    private static Task<string> OnlyConsumerAsync(JetStreamProbe probe, INatsKvBucket bucket) => Eventually.GetAsync(
        async () => await probe.ConsumersAsync(bucket.Name, Ct) is [string only] ? only : null, "the bucket has one consumer", ct: Ct);
}
