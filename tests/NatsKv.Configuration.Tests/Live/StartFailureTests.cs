using Microsoft.Extensions.Configuration;
using NatsKv.Testing;

namespace NatsKv.Configuration.Tests.Live;

public sealed class StartFailureTests(Server server)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Required_MissingBucket_FailsAtOnceWithTheRemedy()
    {
        string bucket = server.NewName("missing");
        NatsKvConfigurationException error = Fail(server.Url, bucket, TimeSpan.FromDays(1));
        Assert.Contains($"'{bucket}'", error.Message, StringComparison.Ordinal);
        Assert.Contains(server.Url, error.Message, StringComparison.Ordinal);
        Assert.Contains($"nats kv add {bucket}", error.Message, StringComparison.Ordinal);
        Assert.IsType<NatsKvBucketNotFoundException>(error.InnerException);
    }

    [Fact]
    public void Required_NoServer_FailsAfterTheTimeoutWithTheRemedy()
    {
        // A port that no server of another test is ever given.
        const string url = "nats://127.0.0.1:1";
        NatsKvConfigurationException error = Fail(url, "config", TimeSpan.FromSeconds(5));
        Assert.Contains("'config'", error.Message, StringComparison.Ordinal);
        Assert.Contains(url, error.Message, StringComparison.Ordinal);
        Assert.Contains("NatsKv:Url", error.Message, StringComparison.Ordinal);
        Assert.True(error.IsTransient);
    }

    [Fact]
    public async Task Required_WrongPassword_FailsAtOnceWithTheRemedy()
    {
        await using NatsServer nats = await NatsServer.StartAsync(new NatsServerOptions { User = "alice", Password = "right-one" }, Cancellation);
        NatsKvConfigurationException error = Fail(nats.Url.Replace("nats://", "nats://alice:wrong-one@", StringComparison.Ordinal), "config", TimeSpan.FromDays(1));
        Assert.Contains("'config'", error.Message, StringComparison.Ordinal);
        Assert.Contains(nats.Url, error.Message, StringComparison.Ordinal);
        Assert.Contains("NatsKv:Password", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-one", error.ToString(), StringComparison.Ordinal);
        Assert.False(error.IsTransient);
    }

    [Fact]
    public async Task Required_NoJetStream_FailsAtOnceWithTheRemedy()
    {
        await using NatsServer nats = await NatsServer.StartAsync(new NatsServerOptions { JetStream = false }, Cancellation);
        NatsKvConfigurationException error = Fail(nats.Url, "config", TimeSpan.FromDays(1));
        Assert.Contains("'config'", error.Message, StringComparison.Ordinal);
        Assert.Contains(nats.Url, error.Message, StringComparison.Ordinal);
        Assert.Contains("-js", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Optional_WrongPasswordOrNoJetStream_StartsEmpty(bool jetStream)
    {
        await using NatsServer nats = await NatsServer.StartAsync(
            new NatsServerOptions { JetStream = jetStream, User = jetStream ? "alice" : null, Password = jetStream ? "right-one" : null }, Cancellation);
        using var root = (ConfigurationRoot)Build(nats.Url, "config", static source =>
        {
            source.Optional = true;
            source.LoadTimeout = TimeSpan.FromDays(1);
        });
        Assert.Empty(root.GetChildren());
    }

    [Fact]
    public async Task Required_NotANatsServer_Fails()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        Task accept = Task.Run(
            async () =>
            {
                using System.Net.Sockets.TcpClient client = await listener.AcceptTcpClientAsync(Cancellation);
                await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), Cancellation);
            },
            Cancellation);
        int port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        NatsKvConfigurationException error = Fail($"nats://127.0.0.1:{port}", "config", TimeSpan.FromSeconds(10));
        Assert.Contains($"nats://127.0.0.1:{port}", error.Message, StringComparison.Ordinal);
        await accept;
    }

    private static NatsKvConfigurationException Fail(string url, string bucket, TimeSpan timeout)
    {
        NatsKvConfigurationException error = Assert.Throws<NatsKvConfigurationException>(() => Build(url, bucket, source => source.LoadTimeout = timeout));
        TestContext.Current.TestOutputHelper?.WriteLine(error.Message);
        return error;
    }

    private static IConfigurationRoot Build(string url, string bucket, Action<NatsKvConfigurationSource> configure) => new ConfigurationBuilder()
        .AddNatsKv(source =>
        {
            source.Bucket = bucket;
            source.ConfigureConnection = options => options.Url = url;
            configure(source);
        })
        .Build();
}
