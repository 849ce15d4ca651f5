using System.Buffers;
using NatsKv.TestKit;
using NatsKv.Testing;
using NatsKv.Tests.Connection;

namespace NatsKv.Tests.Buckets;

/// <summary>A handle that asks no questions about its bucket sends nothing but its operations, and assumes what is safe.</summary>
public sealed class BoundWithoutAskingTests(Server server)
{
    private static readonly NatsKvBucketOptions NoQuestions = new() { AskServer = false };

    // The connection's own timers are further away.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _time = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryOperation_SendsNothingButItself()
    {
        await using Peer peer = await PeerAsync(static config => config with { History = 5, LimitMarkerTtl = TimeSpan.FromMinutes(1) });
        INatsKvBucket bucket = peer.Bucket;
        string stream = "KV_" + bucket.Name;

        ulong first = await bucket.PutAsync("key", "1", cancellationToken: Ct);
        peer.Expect($"$KV.{bucket.Name}.key");
        Assert.Equal("1", await bucket.GetStringAsync("key", Ct));
        peer.Expect($"$JS.API.DIRECT.GET.{stream}.$KV.{bucket.Name}.key");
        Assert.Equal("1", (await bucket.GetRevisionAsync("key", first, Ct))!.GetString());
        peer.Expect($"$JS.API.DIRECT.GET.{stream}");
        await bucket.GetAsync("key", new NatsKvReadOptions { FromLeader = true }, Ct);
        peer.Expect($"$JS.API.STREAM.MSG.GET.{stream}");
        await bucket.PutAsync("ttl", "1", TimeSpan.FromMinutes(1), Ct);
        peer.Expect($"$KV.{bucket.Name}.ttl");
        await bucket.CreateAsync("new", "1", cancellationToken: Ct);
        peer.Expect($"$KV.{bucket.Name}.new");
        await bucket.DeleteAsync("new", cancellationToken: Ct);
        peer.Expect($"$KV.{bucket.Name}.new");
        await bucket.PurgeAsync("new", new NatsKvWriteOptions { TimeToLive = TimeSpan.FromMinutes(1) }, Ct);
        peer.Expect($"$KV.{bucket.Name}.new");
        bucket.Blocking.Put("key", new ReadOnlySequence<byte>("2"u8.ToArray()), new NatsKvWriteOptions { TimeToLive = TimeSpan.FromMinutes(1) }, Ct);
        peer.Expect($"$KV.{bucket.Name}.key");
        bucket.Blocking.Read("key", 0, static (_, _) => 0, cancellationToken: Ct);
        peer.Expect($"$JS.API.DIRECT.GET.{stream}.$KV.{bucket.Name}.key");
        Assert.True(await bucket.EraseAsync(new NatsKvErasure { Filter = "key" }, Ct) > 0);
        peer.Expect($"$JS.API.STREAM.PURGE.{stream}");
        Assert.Null(await bucket.GetAsync("key", Ct));
        peer.Expect($"$JS.API.DIRECT.GET.{stream}.$KV.{bucket.Name}.key");
        await bucket.GetStatusAsync(Ct);
        peer.Expect($"$JS.API.STREAM.INFO.{stream}");
    }

    [Fact]
    public async Task UserWhoMayNotAsk_ReadsAndWritesAllTheSame()
    {
        await using NatsServer guarded = await NatsServer.StartAsync(
            new NatsServerOptions
            {
                ExtraConfiguration = """
                    authorization {
                      users = [
                        { user: admin, password: a },
                        { user: writer, password: w, permissions: { publish: { deny: ["$JS.API.STREAM.INFO.>", "$JS.API.INFO"] } } }
                      ]
                    }
                    """,
                User = null,
            },
            Ct);
        await using var admin = new NatsKvClient(new NatsKvOptions { Url = guarded.Url, User = "admin", Password = "a" });
        INatsKvBucket own = await admin.CreateBucketAsync(
            new NatsKvBucketConfig { Bucket = "bucket", History = 5, LimitMarkerTtl = TimeSpan.FromMinutes(1), Storage = NatsKvStorage.Memory }, Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = guarded.Url, User = "writer", Password = "w" });
        await Assert.ThrowsAsync<NatsKvPermissionException>(async () => await client.GetBucketAsync("bucket", Ct));
        await Assert.ThrowsAsync<NatsKvPermissionException>(async () => await client.Bind("bucket").PutAsync("key", "x", TimeSpan.FromMinutes(5), Ct));
        INatsKvBucket bucket = client.Bind("bucket", NoQuestions);

        await bucket.PutAsync("key", new ReadOnlySequence<byte>(new byte[200_000]), cancellationToken: Ct);
        await bucket.PutAsync("key", "1", cancellationToken: Ct);
        ulong second = await bucket.PutAsync("key", "2", TimeSpan.FromMinutes(5), Ct);
        Assert.Equal("2", await bucket.GetStringAsync("key", Ct));
        Assert.Null(await bucket.GetAsync("missing", Ct));
        Assert.Equal(new NatsKvWriteResult(IsStored: false, second), await bucket.TryCreateAsync("key", default, cancellationToken: Ct));
        Assert.False((await bucket.TryUpdateAsync("key", "x", second - 1, cancellationToken: Ct)).IsStored);
        await bucket.DeleteAsync("key", new NatsKvWriteOptions { ExpectedRevision = second }, Ct);
        await bucket.CreateAsync("key", "3", cancellationToken: Ct);
        Assert.Equal("3", await bucket.GetStringAsync("key", Ct));

        // With the TTL went the rollup: nothing of before is left that could come back.
        Assert.Null(await own.GetRevisionAsync("key", second - 1, Ct));
        await Assert.ThrowsAsync<NatsKvPermissionException>(async () => await bucket.GetStatusAsync(Ct));
    }

    [Fact]
    public async Task PutWithTtl_BucketThatAllowsNone_SaysSo()
    {
        await using Peer peer = await PeerAsync();

        await Assert.ThrowsAsync<NatsKvNotSupportedException>(async () => await peer.Bucket.PutAsync("key", "1", TimeSpan.FromSeconds(5), Ct));
        await Assert.ThrowsAsync<NatsKvNotSupportedException>(async () => await peer.Bucket.PutAsync("key", "1", TimeSpan.FromSeconds(5), Ct));
        Assert.Equal(0, peer.Transport.Count("INFO"));
    }

    [Fact]
    public async Task Put_LargerThanTheBucketTakes_SaysSo()
    {
        await using Peer peer = await PeerAsync(static config => config with { MaxValueSize = 1000 });

        await Assert.ThrowsAsync<NatsKvValueTooLargeException>(async () => await peer.Bucket.PutAsync("key", new ReadOnlySequence<byte>(new byte[2000]), cancellationToken: Ct));
        Assert.Equal(0, peer.Transport.Count("INFO"));
    }

    [Fact]
    public async Task Put_NoBucket_SaysThatItIsUnknownWhy()
    {
        await using Peer peer = await PeerAsync();
        INatsKvBucket bucket = peer.Client.Bind(server.NewName(), NoQuestions);

        NatsKvServerException thrown = await Assert.ThrowsAsync<NatsKvServerException>(
            () => peer.PassTimeUntilAsync(bucket.PutAsync("key", "1", cancellationToken: Ct).AsTask(), _time));

        Assert.Contains("unknown, because its handle was bound without asking", thrown.Message, StringComparison.Ordinal);
        Assert.True(thrown.IsTransient);
        Assert.True(peer.Transport.Count("$KV.") > 2);
        Assert.Equal(0, peer.Transport.Count("INFO"));
        await Assert.ThrowsAsync<NatsKvBucketNotFoundException>(async () => await bucket.GetAsync("key", Ct));
    }

    [Fact]
    public async Task Get_BucketWithoutDirectGet_AsksTheLeaderAloneAfterTwoForAWhile()
    {
        await using Peer peer = await PeerAsync(static config => config with { AllowDirectGet = false });
        await peer.Bucket.PutAsync("key", "1", cancellationToken: Ct);
        Assert.Equal([(1, 1), (1, 1), (0, 1), (0, 1)], await AskAsync(4));

        _time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal([(1, 1), (1, 1), (0, 1)], await AskAsync(3));
        Assert.Equal(0, peer.Transport.Count("INFO"));

        async Task<List<(int Direct, int Leader)>> AskAsync(int rounds)
        {
            var asked = new List<(int, int)>();
            for (int round = 0; round < rounds; round++)
            {
                int direct = peer.Transport.Count("DIRECT.GET");
                int leader = peer.Transport.Count("MSG.GET");
                Assert.Equal("1", await peer.Bucket.GetStringAsync("key", Ct));
                asked.Add((peer.Transport.Count("DIRECT.GET") - direct, peer.Transport.Count("MSG.GET") - leader));
            }

            return asked;
        }
    }

    // The key's marker is gone too: something newer in the bucket proves that the leader knows it.
    [Fact]
    public async Task Get_KeyRemovedByAnother_IsBelievedWhenTheLeaderHasNewer()
    {
        await using Peer peer = await PeerAsync();
        await peer.Bucket.PutAsync("key", "1", cancellationToken: Ct);
        await peer.Own.EraseAsync(new NatsKvErasure { Filter = "key" }, Ct);
        await peer.Own.PutAsync("other", "2", cancellationToken: Ct);

        Assert.Null(await peer.Bucket.GetAsync("key", Ct));
        Assert.Equal(3, peer.Transport.Count("MSG.GET"));
        Assert.Null(await peer.Bucket.GetAsync("key", Ct));
        Assert.Equal(3, peer.Transport.Count("MSG.GET"));
        Assert.Equal(0, peer.Transport.Count("INFO"));
    }

    [Fact]
    public async Task Get_NewestKeyRemovedByAnother_IsBelievedInTheEnd()
    {
        await using Peer peer = await PeerAsync();
        INatsKvBucket bucket = peer.Client.Bind(peer.Own.Name, NoQuestions with { Timeout = TimeSpan.FromMinutes(1) });
        await bucket.PutAsync("key", "1", cancellationToken: Ct);
        await peer.Own.EraseAsync(cancellationToken: Ct);

        Assert.Null(await peer.PassTimeUntilAsync(bucket.GetAsync("key", Ct).AsTask(), _time));
        Assert.InRange(_time.GetElapsedTime(0), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(45));

        // What the caller demands is not given up, only what was noted.
        NatsKvServerException thrown = await Assert.ThrowsAsync<NatsKvServerException>(
            () => peer.PassTimeUntilAsync(bucket.GetAsync("key", new NatsKvReadOptions { AtLeastRevision = 1 }, Ct).AsTask(), _time));
        Assert.True(thrown.IsTransient);
        Assert.Equal(0, peer.Transport.Count("INFO"));
    }

    [Fact]
    public async Task Watch_IsRefusedBeforeAnythingIsSent()
    {
        await using Peer peer = await PeerAsync();

        NatsKvException thrown = Assert.Throws<NatsKvException>(() => { _ = peer.Bucket.WatchAsync(cancellationToken: Ct); });
        Assert.Contains("AskServer = false", thrown.Message, StringComparison.Ordinal);
        Assert.False(thrown.IsTransient);
        Assert.Throws<NatsKvException>(() => peer.Bucket.StartWatch(new Watching.RecordingHandler(static _ => { })));
        await Assert.ThrowsAsync<NatsKvException>(async () => await peer.Bucket.GetKeysAsync(cancellationToken: Ct).ToListAsync(Ct));
        await Assert.ThrowsAsync<NatsKvException>(async () => await peer.Bucket.GetHistoryAsync("key", Ct).ToListAsync(Ct));
        Assert.Empty(peer.Transport.Subjects);
    }

    [Fact]
    public async Task GetBucketAsync_WithoutAsking_IsAContradiction()
    {
        await using var client = new NatsKvClient(new NatsKvOptions { Url = "nats://127.0.0.1:1" });

        ArgumentException thrown = await Assert.ThrowsAsync<ArgumentException>("options", async () => await client.GetBucketAsync("bucket", NoQuestions, Ct));

        Assert.Contains("Use Bind", thrown.Message, StringComparison.Ordinal);
    }

    private async Task<Peer> PeerAsync(Func<NatsKvBucketConfig, NatsKvBucketConfig>? change = null)
    {
        (NatsKvClient owner, INatsKvBucket own) = await server.NewBucketAsync(change);
        RecordingTransport? transport = null;
        var client = new NatsKvClient(
            new NatsKvOptions { Url = server.Url, TransportFactory = context => transport = new RecordingTransport(context) }, timeProvider: _time);
        return new Peer(owner, own, client, client.Bind(own.Name, NoQuestions), transport!);
    }

    private sealed record Peer(NatsKvClient Owner, INatsKvBucket Own, NatsKvClient Client, INatsKvBucket Bucket, RecordingTransport Transport) : IAsyncDisposable
    {
        /// <summary>What has been sent since the last time is this and nothing else.</summary>
        public void Expect(string subject)
        {
            Assert.Equal([subject], Transport.Subjects);
            Transport.Subjects.Clear();
        }

        /// <summary>Lets the pauses of a call go by, but no time while it waits for an answer.</summary>
        public async Task<T> PassTimeUntilAsync<T>(Task<T> call, ManualTimeProvider time)
        {
            while (!call.IsCompleted)
            {
                if (Transport.Answered >= Transport.Asked && time.NextDue is { } due && due <= LongestPause)
                {
                    time.Advance(due);
                }

                await Task.Delay(1, Ct);
            }

            return await call;
        }

        public async ValueTask DisposeAsync()
        {
            await Client.DisposeAsync();
            await Owner.DisposeAsync();
        }
    }
}
