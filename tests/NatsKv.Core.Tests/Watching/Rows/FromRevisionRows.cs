using NatsKv.Testing;

namespace NatsKv.Tests.Watching.Rows;

/// <summary>W13: from a revision on.</summary>
public sealed class FromRevisionRows(ServerVersions servers) : RowTests(servers)
{
    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W13_FromRevision_GivesEveryKeptRevisionFromThereThenChanges(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewFilledBucketAsync(version);

        WatchReader watch = Watch(bucket, From(3));

        Assert.Equal(["a=3 Put", "b=4 Put", "a=5 Put", "complete"], await watch.ReadAsync(4));
        await bucket.PutAsync("c", "6", cancellationToken: Ct);
        Assert.Equal(["c=6 Put"], await watch.ReadAsync(1));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W13_FromRevisionOne_GivesEverythingThatIsKept(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewFilledBucketAsync(version);

        Assert.Equal(["a=1 Put", "b=2 Put", "a=3 Put", "b=4 Put", "a=5 Put", "complete"], await Watch(bucket, From(1)).ReadAsync(6));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W13_RightBehindTheLast_CompletesAtOnceAndFollows(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewFilledBucketAsync(version);
        WatchReader watch = Watch(bucket, From(6));
        Assert.Equal(["complete"], await watch.ReadAsync(1));

        await bucket.PutAsync("a", "6", cancellationToken: Ct);

        Assert.Equal(["a=6 Put"], await watch.ReadAsync(1));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W13_BeyondTheLast_IsAResetAndTheLatestOfEachKeyAndNotSilence(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewFilledBucketAsync(version);
        WatchReader watch = Watch(bucket, From(7));

        Assert.Equal(["reset", "b=4 Put", "a=5 Put", "complete"], await watch.ReadAsync(4));

        await bucket.PutAsync("a", "6", cancellationToken: Ct);
        Assert.Equal(["a=6 Put"], await watch.ReadAsync(1));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W13_OneFilter_GivesItsKeysFromThereOn(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewFilledBucketAsync(version);

        Assert.Equal(["b=4 Put", "complete"], await Watch(bucket, From(3) with { Filters = ["b"] }).ReadAsync(2));
        Assert.Equal(["complete"], await Watch(bucket, From(5) with { Filters = ["b"] }).ReadAsync(1));
        Assert.Equal(["complete"], await Watch(bucket, From(2) with { Filters = ["x"] }).ReadAsync(1));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task W13_RevisionThatIsGone_BeginsWithTheNextThatIsKept(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version);
        await bucket.PutAsync("a", "1", cancellationToken: Ct);
        await bucket.PutAsync("b", "2", cancellationToken: Ct);
        await bucket.PutAsync("a", "3", cancellationToken: Ct);

        Assert.Equal(["b=2 Put", "a=3 Put", "complete"], await Watch(bucket, From(1)).ReadAsync(3));
    }

    [Fact]
    public async Task W13_ConnectionCutBeforeTheFirstChange_GoesOnThere()
    {
        INatsKvBucket bucket = await NewFilledBucketAsync(NatsServerVersion.Latest);
        await using TcpProxy proxy = await TcpProxy.StartAsync("127.0.0.1", (await Servers.GetAsync(NatsServerVersion.Latest)).Port, ct: Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = proxy.Url });
        WatchReader watch = Watch(client.Bind(bucket.Name), From(6));
        Assert.Equal(["complete"], await watch.ReadAsync(1));
        Task<string[]> next = watch.ReadAsync(2);

        proxy.RefuseNewConnections = true;
        await proxy.CutAsync();
        await bucket.PutAsync("a", "6", cancellationToken: Ct);
        await bucket.PutAsync("a", "7", cancellationToken: Ct);
        proxy.RefuseNewConnections = false;

        Assert.Equal(["a=6 Put", "a=7 Put"], await next);
    }

    [Fact]
    public async Task W13_Zero_IsRefusedBeforeAnythingIsSent()
    {
        await using var client = new NatsKvClient(new NatsKvOptions { Url = "nats://127.0.0.1:1" });

        ArgumentException thrown = Assert.Throws<ArgumentException>(() => client.Bind("bucket").WatchAsync(From(0), Ct));

        Assert.Contains("FromRevision is 0", thrown.Message, StringComparison.Ordinal);
    }

    private static NatsKvWatchOptions From(ulong revision) => new() { FromRevision = revision };

    private async Task<INatsKvBucket> NewFilledBucketAsync(NatsServerVersion version)
    {
        INatsKvBucket bucket = await NewBucketAsync(version, config => config with { History = 5 });
        for (int i = 1; i <= 5; i++)
        {
            await bucket.PutAsync(i % 2 == 1 ? "a" : "b", $"{i}", cancellationToken: Ct);
        }

        return bucket;
    }
}
