using NatsKv.TestKit;
using NatsKv.Testing;
using NatsKv.Tests.Connection;

namespace NatsKv.Tests.Watching.Rows;

/// <summary>W10: changes only, without a gap whatever happens in between.</summary>
public sealed class UpdateRows(ServerVersions servers) : RowTests(servers)
{
    private static readonly NatsKvWatchOptions UpdatesOnly = new() { UpdatesOnly = true };

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W10_UpdatesOnly_CompletesFirstAndLeavesOutWhatIsThere(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version);
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        WatchReader watch = Watch(bucket, UpdatesOnly);
        Assert.Equal(["complete"], await watch.ReadAsync(1));

        await bucket.PutAsync("b", "2", cancellationToken: Ct);
        await bucket.DeleteAsync("a", cancellationToken: Ct);

        Assert.Equal(["b=2 Put", "a= Delete"], await watch.ReadAsync(2));
    }

    [Fact]
    public async Task W10_ServerRestartedBeforeTheFirstChange_GivesTheChangesMeanwhileAndNothingElse()
    {
        await using NatsServer own = await NatsServer.StartAsync(ct: Ct);
        await using TcpProxy proxy = await TcpProxy.StartAsync("127.0.0.1", own.Port, ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = proxy.Url });
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket" }, Ct);
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        await using WatchReader watch = new(bucket.WatchAsync(UpdatesOnly, Ct));
        Assert.Equal(["complete"], await watch.ReadAsync(1));
        Task<string[]> next = watch.ReadAsync(2);

        proxy.RefuseNewConnections = true;
        await own.RestartAsync(ct: Ct);
        await using var other = new NatsKvClient(new NatsKvOptions { Url = own.Url });
        await other.Bind("bucket").PutAsync("b", "2", cancellationToken: Ct);
        proxy.RefuseNewConnections = false;
        await Eventually.TrueAsync(() => next.IsCompleted || proxy.AcceptedConnections > 1, "the client is back", ct: Ct);
        await other.Bind("bucket").PutAsync("c", "3", cancellationToken: Ct);

        Assert.Equal(["b=2 Put", "c=3 Put"], await next);
    }

    [Fact]
    public async Task W10_Silence_GivesTheChangesMeanwhileAndNothingElse()
    {
        INatsKvBucket bucket = await NewBucketAsync();
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        var time = new ManualTimeProvider();
        RecordingTransport? transport = null;
        NatsKvClient client = Own(new NatsKvClient(
            new NatsKvOptions
            {
                Url = (await Servers.GetAsync(NatsServerVersion.Latest)).Url,
                TransportFactory = context => transport = new RecordingTransport(context),
            },
            timeProvider: time));
        WatchReader watch = Watch(client.Bind(bucket.Name), UpdatesOnly with { IdleHeartbeat = TimeSpan.FromMinutes(1) });
        Assert.Equal(["complete"], await watch.ReadAsync(1));
        Task<string[]> next = watch.ReadAsync(1);

        await Eventually.TrueAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(15));
                await client.PingAsync(Ct);
                return transport!.Count("CONSUMER.CREATE") > 1;
            },
            "a second consumer",
            ct: Ct);
        await bucket.PutAsync("b", "2", cancellationToken: Ct);

        Assert.Equal(["b=2 Put"], await next);
    }

    [Fact]
    public async Task W10_BucketMadeAnew_IsResetAndGivesItsContent()
    {
        INatsKvBucket bucket = await NewBucketAsync();
        NatsKvClient client = await NewClientAsync();
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        WatchReader watch = Watch(bucket, UpdatesOnly with { IdleHeartbeat = TimeSpan.FromMilliseconds(200) });
        Assert.Equal(["complete"], await watch.ReadAsync(1));

        await client.DeleteBucketAsync(bucket.Name, Ct);
        await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = bucket.Name, Storage = NatsKvStorage.Memory }, Ct);
        await bucket.PutAsync("b", "2", cancellationToken: Ct);

        Assert.Equal(["reset", "b=2 Put", "complete"], await watch.ReadAsync(3));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W10_Cancelled_EndsTheWatchOfUpdates(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version);
        using var cancellation = new CancellationTokenSource();
        await using IAsyncEnumerator<NatsKvWatchEvent> events = bucket.WatchAsync(UpdatesOnly, cancellation.Token).GetAsyncEnumerator(Ct);
        Assert.True(await events.MoveNextAsync());
        Task<bool> moving = events.MoveNextAsync().AsTask();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => moving.WaitAsync(DeletedWithin, Ct));
        await AssertNoConsumerAsync(bucket.Name, version);
    }
}
