using System.Globalization;
using System.Net;
using System.Net.Sockets;
using NatsKv.Testing;

namespace NatsKv.Tests.Connection;

/// <summary>Whatever keeps a client from connecting is told with the thing's name and the remedy, and never with a secret.</summary>
public sealed class RefusalTests(Server server)
{
    // A busy machine may take its time to connect; what is refused is refused at once.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task NobodyListens_FailsAtOnceNamingUrlAndSetting()
    {
        await using var client = new NatsKvClient(new NatsKvOptions { Url = "nats://user:secret@127.0.0.1:1", RequestTimeout = TimeSpan.FromMinutes(5) });

        NatsKvConnectionException thrown = await Assert.ThrowsAsync<NatsKvConnectionException>(async () => await client.GetBucketAsync("bucket", Ct));

        Assert.Equal(NatsKvConnectionFailure.Unreachable, thrown.Failure);
        Assert.True(thrown.IsTransient);
        Assert.Contains("nats://127.0.0.1:1", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("NatsKv:Url", thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", thrown.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HostUnknown_SaysSo()
    {
        await using var client = new NatsKvClient(new NatsKvOptions { Url = "nats://no-such-host.invalid:4222" });

        NatsKvConnectionException thrown = await Assert.ThrowsAsync<NatsKvConnectionException>(async () => await client.PingAsync(Ct));

        Assert.Contains("no-such-host.invalid", thrown.Message, StringComparison.Ordinal);
        Assert.Equal(NatsKvConnectionFailure.Unreachable, thrown.Failure);
    }

    [Fact]
    public async Task SomethingElseListens_SaysThatItIsNoNats()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task answering = Task.Run(
            async () =>
            {
                using TcpClient accepted = await listener.AcceptTcpClientAsync(Ct);
                await accepted.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), Ct);
                await accepted.GetStream().CopyToAsync(Stream.Null, Ct);
            },
            Ct);
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using var client = new NatsKvClient(new NatsKvOptions { Url = $"nats://127.0.0.1:{port}", ConnectTimeout = Patience, RequestTimeout = Patience });

        NatsKvConnectionException thrown = await Assert.ThrowsAsync<NatsKvConnectionException>(async () => await client.PingAsync(Ct));
        listener.Stop();

        Assert.Equal(NatsKvConnectionFailure.Protocol, thrown.Failure);
        Assert.Contains("no NATS server", thrown.Message, StringComparison.Ordinal);
        await answering;
    }

    [Fact]
    public async Task SilentListener_FailsAfterTheConnectTimeout()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using var client = new NatsKvClient(new NatsKvOptions { Url = $"nats://127.0.0.1:{port}", ConnectTimeout = TimeSpan.FromMilliseconds(200) });

        NatsKvConnectionException thrown = await Assert.ThrowsAsync<NatsKvConnectionException>(async () => await client.PingAsync(Ct));

        Assert.Equal(NatsKvConnectionFailure.Unreachable, thrown.Failure);
    }

    [Theory]
    [InlineData("alice", "wrong", null)]
    [InlineData(null, null, null)]
    [InlineData(null, null, "wrong")]
    public async Task WrongCredentials_FailAtOnceNamingTheSettings(string? user, string? password, string? token)
    {
        await using NatsServer guarded = await NatsServer.StartAsync(new NatsServerOptions { User = "alice", Password = "right" }, Ct);
        await using var client = new NatsKvClient(new NatsKvOptions
        {
            Url = guarded.Url, User = user, Password = password, Token = token, ConnectTimeout = Patience, RequestTimeout = Patience,
        });

        NatsKvConnectionException thrown = await Assert.ThrowsAsync<NatsKvConnectionException>(async () => await client.GetBucketAsync("bucket", Ct));

        Assert.Equal(NatsKvConnectionFailure.Authentication, thrown.Failure);
        Assert.False(thrown.IsTransient);
        Assert.Contains("NatsKv:Password", thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", thrown.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RightCredentials_InOptionsOrUrl_Connect()
    {
        await using NatsServer guarded = await NatsServer.StartAsync(new NatsServerOptions { User = "alice", Password = "p@ss:word/" }, Ct);
        await using var byOptions = new NatsKvClient(new NatsKvOptions { Url = guarded.Url, User = "alice", Password = "p@ss:word/" });
        await using var byUrl = new NatsKvClient(new NatsKvOptions { Url = $"nats://alice:p%40ss%3Aword%2F@127.0.0.1:{guarded.Port}" });

        await byOptions.PingAsync(Ct);
        await byUrl.PingAsync(Ct);

        Assert.DoesNotContain("p@ss", byUrl.Settings.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_InOptionsOrUrl_Connects()
    {
        await using NatsServer guarded = await NatsServer.StartAsync(new NatsServerOptions { Token = "t0ken" }, Ct);
        await using var byOptions = new NatsKvClient(new NatsKvOptions { Url = guarded.Url, Token = "t0ken" });
        await using var byUrl = new NatsKvClient(new NatsKvOptions { Url = $"nats://t0ken@127.0.0.1:{guarded.Port}" });

        await byOptions.PingAsync(Ct);
        await byUrl.PingAsync(Ct);
    }

    [Theory]
    [InlineData("nats://alice:a@127.0.0.1:1,nats://bob:b@127.0.0.1:{0}")]
    [InlineData("nats://bob:b@127.0.0.1:{0},nats://alice:a@127.0.0.1:1")]
    [InlineData("nats://bob:b@127.0.0.1:1,nats://127.0.0.1:{0}")]
    public async Task ServerOfSeveral_IsShownItsOwnCredentialsElseTheFirstOnes(string url)
    {
        await using NatsServer guarded = await NatsServer.StartAsync(new NatsServerOptions { User = "bob", Password = "b" }, Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = string.Format(CultureInfo.InvariantCulture, url, guarded.Port) });

        await client.PingAsync(Ct);
    }

    [Fact]
    public async Task NoJetStream_SaysHowToTurnItOn()
    {
        await using NatsServer plain = await NatsServer.StartAsync(new NatsServerOptions { JetStream = false }, Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = plain.Url });

        foreach (Func<Task> operation in (Func<Task>[])[
            async () => await client.GetBucketAsync("bucket", Ct),
            async () => await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket" }, Ct),
            async () => await client.Bind("bucket").PutAsync("key", "value", cancellationToken: Ct),
            async () => await client.Bind("bucket").GetAsync("key", Ct)])
        {
            NatsKvNotSupportedException thrown = await Assert.ThrowsAsync<NatsKvNotSupportedException>(operation);
            Assert.Equal("JetStream", thrown.Feature);
            Assert.Contains("-js", thrown.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(NatsServerVersion.V2_10)]
    [InlineData(NatsServerVersion.V2_9)]
    public async Task ServerTooOldForKeyTtl_SaysWhichVersionIsNeededAndMakesNothing(NatsServerVersion version)
    {
        await using NatsServer old = await NatsServer.StartAsync(new NatsServerOptions { ServerVersion = version }, Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = old.Url });

        NatsKvNotSupportedException thrown = await Assert.ThrowsAsync<NatsKvNotSupportedException>(
            async () => await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket", LimitMarkerTtl = TimeSpan.FromSeconds(60) }, Ct));

        Assert.Contains("2.11", thrown.Message, StringComparison.Ordinal);
        Assert.Contains(old.Version, thrown.Message, StringComparison.Ordinal);
        Assert.Equal(("per-key TTL", 1, 0), (thrown.Feature, thrown.RequiredApiLevel, thrown.ServerApiLevel));
        await Assert.ThrowsAsync<NatsKvNotSupportedException>(
            async () => await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket", AllowKeyTtl = true }, Ct));
        await Assert.ThrowsAsync<NatsKvBucketNotFoundException>(async () => await client.GetBucketAsync("bucket", Ct));

        // What it can do, it does.
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket" }, Ct);
        await bucket.PutAsync("key", "value", cancellationToken: Ct);
        Assert.Equal("value", (await bucket.GetAsync("key", Ct))!.GetString());
        Assert.Equal(["key"], await bucket.GetKeysAsync(cancellationToken: Ct).ToListAsync(Ct));
        await Assert.ThrowsAsync<NatsKvNotSupportedException>(async () => await bucket.PutAsync("key", "value", TimeSpan.FromSeconds(5), cancellationToken: Ct));
    }

    [Theory]
    [InlineData(NatsServerVersion.V2_10, true)]
    [InlineData(NatsServerVersion.V2_9, false)]
    public async Task CompressionAndMetadata_AreThereFrom2_10On(NatsServerVersion version, bool isThere)
    {
        await using NatsServer old = await NatsServer.StartAsync(new NatsServerOptions { ServerVersion = version }, Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = old.Url });
        NatsKvBucketConfig[] configs =
        [
            new NatsKvBucketConfig { Bucket = "compressed", Compression = true },
            new NatsKvBucketConfig { Bucket = "described", Metadata = new NatsKvMetadata([new("team", "payments")]) },
        ];
        foreach (NatsKvBucketConfig config in configs)
        {
            if (isThere)
            {
                INatsKvBucket bucket = await client.CreateBucketAsync(config, Ct);
                Assert.Equal(config, (await bucket.GetStatusAsync(Ct)).Config);
            }
            else
            {
                NatsKvNotSupportedException thrown = await Assert.ThrowsAsync<NatsKvNotSupportedException>(async () => await client.CreateBucketAsync(config, Ct));
                Assert.Contains("2.10", thrown.Message, StringComparison.Ordinal);
                Assert.Null(await client.FindBucketAsync(config.Bucket, Ct));
            }
        }
    }

    [Fact]
    public async Task Forbidden_FailsFastNamingTheSubject()
    {
        await using NatsServer guarded = await NatsServer.StartAsync(
            new NatsServerOptions
            {
                ExtraConfiguration = """
                    authorization {
                      users = [ { user: reader, password: r, permissions: { publish: { deny: ["$KV.>"] } } } ]
                    }
                    """,
                User = null,
            },
            Ct);
        await using var client = new NatsKvClient(new NatsKvOptions { Url = guarded.Url, User = "reader", Password = "r" });
        INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "bucket" }, Ct);

        NatsKvPermissionException thrown = await Assert.ThrowsAsync<NatsKvPermissionException>(async () => await bucket.PutAsync("key", "value", cancellationToken: Ct));

        Assert.Equal("$KV.bucket.key", thrown.Subject);
        Assert.Null(await bucket.GetAsync("key", Ct));
    }

    [Theory]
    [InlineData("http://host:4222")]
    [InlineData("nats://")]
    [InlineData("nats://host:4222/path")]
    [InlineData("nats://user:secret@host:notaport")]
    [InlineData("")]
    public void Url_Illegal_IsRefusedWithAnExample(string url)
    {
        ArgumentException thrown = Assert.Throws<ArgumentException>(() => new NatsKvClient(new NatsKvOptions { Url = url }));

        Assert.Contains("nats://localhost:4222", thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.b")]
    [InlineData("a b")]
    [InlineData("a*")]
    [InlineData("bücket")]
    public async Task BucketName_Illegal_IsRefusedBeforeAnythingIsSent(string name)
    {
        await using var client = new NatsKvClient(new NatsKvOptions { Url = "nats://127.0.0.1:1" });

        foreach (Func<Task> operation in (Func<Task>[])[
            () => Task.FromResult(client.Bind(name)),
            async () => await client.GetBucketAsync(name, Ct),
            async () => await client.DeleteBucketAsync(name, Ct),
            async () => await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = name }, Ct),
            async () => await client.CreateOrUpdateBucketAsync(new NatsKvBucketConfig { Bucket = name }, Ct)])
        {
            ArgumentException thrown = await Assert.ThrowsAsync<ArgumentException>(operation);
            Assert.Contains("is not a legal bucket name", thrown.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Disposed_ClientRefusesWork()
    {
        NatsKvClient client = server.NewClient();
        INatsKvBucket bucket = client.Bind("bucket");
        await client.PingAsync(Ct);
        await client.DisposeAsync();
        await client.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(() => client.Bind("bucket"));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await client.PingAsync(Ct));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await bucket.GetAsync("key", Ct));
    }
}
