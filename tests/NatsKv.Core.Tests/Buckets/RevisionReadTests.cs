using NatsKv.Tests.Connection;

namespace NatsKv.Tests.Buckets;

/// <summary>A revision is read from any replica by its number, and from the leader only where a replica could be wrong.</summary>
public sealed class RevisionReadTests(Server server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetRevision_OneServer_AsksByNumberAndNobodyElse()
    {
        await using var run = await Run.StartAsync(server);
        ulong first = await run.Own.PutAsync("key", "1", cancellationToken: Ct);
        ulong second = await run.Own.PutAsync("key", "2", cancellationToken: Ct);
        ulong other = await run.Own.PutAsync("other", "x", cancellationToken: Ct);
        ulong marker = await run.Own.DeleteAsync("other", cancellationToken: Ct);
        INatsKvBucket bucket = await run.Client.GetBucketAsync(run.Own.Name, Ct);
        run.Transport!.Subjects.Clear();

        Assert.Equal("1", (await bucket.GetRevisionAsync("key", first, Ct))!.GetString());
        NatsKvEntry latest = (await bucket.GetRevisionAsync("key", second, Ct))!;
        Assert.Equal(("key", "2", second, NatsKvOperation.Put), (latest.Key, latest.GetString(), latest.Revision, latest.Operation));
        Assert.True(latest.Created > DateTimeOffset.UnixEpoch);
        Assert.Equal(NatsKvOperation.Delete, (await bucket.GetRevisionAsync("other", marker, Ct))!.Operation);
        Assert.Null(await bucket.GetRevisionAsync("key", other, Ct));
        Assert.Null(await bucket.GetRevisionAsync("ke", first, Ct));
        Assert.Null(await bucket.GetRevisionAsync("key", marker + 1, Ct));
        Assert.Null(await bucket.GetRevisionAsync("key", 0, Ct));

        Assert.Equal(Enumerable.Repeat($"$JS.API.DIRECT.GET.KV_{bucket.Name}", 6), run.Transport.Subjects);
    }

    [Fact]
    public async Task GetRevision_PurgedOrPushedOut_IsNullAndNeverALaterOne()
    {
        await using var run = await Run.StartAsync(server, history: 2);
        INatsKvBucket bucket = await run.Client.GetBucketAsync(run.Own.Name, Ct);
        ulong first = await bucket.PutAsync("key", "1", cancellationToken: Ct);
        await bucket.PutAsync("key", "2", cancellationToken: Ct);
        ulong third = await bucket.PutAsync("key", "3", cancellationToken: Ct);

        Assert.Null(await bucket.GetRevisionAsync("key", first, Ct));
        await bucket.PurgeAsync("key", cancellationToken: Ct);
        Assert.Null(await bucket.GetRevisionAsync("key", third, Ct));
        Assert.Equal(NatsKvOperation.Purge, (await bucket.GetRevisionAsync("key", third + 1, Ct))!.Operation);
    }

    // A handle that doesn't know how many servers hold its bucket reckons with replicas that lag behind.
    [Fact]
    public async Task GetRevision_PerhapsReplicated_AsksTheLeaderBeforeItSaysNo()
    {
        await using var run = await Run.StartAsync(server, history: 2);
        INatsKvBucket bucket = run.Client.Bind(run.Own.Name);
        ulong first = await bucket.PutAsync("key", "1", cancellationToken: Ct);
        ulong second = await bucket.PutAsync("key", "2", cancellationToken: Ct);
        run.Transport!.Subjects.Clear();

        Assert.Equal("2", (await bucket.GetRevisionAsync("key", second, Ct))!.GetString());
        Assert.Equal((1, 0), Asked());
        Assert.Null(await bucket.GetRevisionAsync("key", second + 1, Ct));
        Assert.Equal((1, 1), Asked());

        // It has been followed by another, which may have removed it.
        Assert.Equal("1", (await bucket.GetRevisionAsync("key", first, Ct))!.GetString());
        Assert.Equal((0, 1), Asked());

        (int, int) Asked()
        {
            (int, int) asked = (run.Transport.Count("DIRECT.GET"), run.Transport.Count("MSG.GET"));
            run.Transport.Subjects.Clear();
            return asked;
        }
    }

    [Fact]
    public async Task GetRevision_BucketWithoutDirectGet_AsksTheLeaderAndRemembersIt()
    {
        await using var run = await Run.StartAsync(server, allowDirectGet: false);
        ulong revision = await run.Own.PutAsync("key", "1", cancellationToken: Ct);
        INatsKvBucket bucket = await run.Client.GetBucketAsync(run.Own.Name, Ct);

        for (int round = 0; round < 3; round++)
        {
            Assert.Equal("1", (await bucket.GetRevisionAsync("key", revision, Ct))!.GetString());
        }

        Assert.Equal((1, 3), (run.Transport!.Count("DIRECT.GET"), run.Transport.Count("MSG.GET")));
    }

    private sealed class Run : IAsyncDisposable
    {
        private NatsKvClient? _owner;

        public required INatsKvBucket Own { get; init; }

        public required NatsKvClient Client { get; init; }

        public RecordingTransport? Transport { get; private set; }

        public static async Task<Run> StartAsync(Server server, int history = 3, bool allowDirectGet = true)
        {
            (NatsKvClient owner, INatsKvBucket own) = await server.NewBucketAsync(config => config with { History = history, AllowDirectGet = allowDirectGet });
            Run? run = null;
            RecordingTransport? transport = null;
            var client = new NatsKvClient(new NatsKvOptions
            {
                Url = server.Url,
                TransportFactory = context => transport = new RecordingTransport(context),
            });
            run = new Run { _owner = owner, Own = own, Client = client, Transport = transport };
            return run;
        }

        public async ValueTask DisposeAsync()
        {
            await Client.DisposeAsync();
            await _owner!.DisposeAsync();
        }
    }
}
