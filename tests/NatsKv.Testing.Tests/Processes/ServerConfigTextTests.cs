using NatsKv.Testing.Processes;

namespace NatsKv.Testing.Tests.Processes;

public sealed class ServerConfigTextTests
{
    [Fact]
    public void Write_Defaults_StaysOnLoopbackAndLetsTheServerChoosePorts() => Assert.Equal(
        """
        server_name: "n"
        host: "127.0.0.1"
        port: -1
        http: "127.0.0.1:-1"
        ports_file_dir: "/ports"
        jetstream { store_dir: "/store" }


        """,
        Write(new NatsServerOptions()));

    [Fact]
    public void Write_WithoutJetStream_LeavesItOut() =>
        Assert.DoesNotContain("jetstream", Write(new NatsServerOptions { JetStream = false }), StringComparison.Ordinal);

    [Fact]
    public void Write_Domain_StandsInTheJetStreamBlock() => Assert.Contains(
        "jetstream { store_dir: \"/store\", domain: \"hub\" }", Write(new NatsServerOptions { JetStreamDomain = "hub" }), StringComparison.Ordinal);

    [Fact]
    public void Write_Credentials_AreQuoted()
    {
        string text = Write(new NatsServerOptions { User = "a\"b", Password = """c\d""" });
        Assert.Contains("""authorization { user: "a\"b", password: "c\\d" }""", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ControlCharacterInACredential_Throws() =>
        Assert.Throws<ArgumentException>(() => Write(new NatsServerOptions { Token = "a\nport: 1" }));

    [Fact]
    public void Write_Cluster_ListsTheRoutesAndAdvertisesNothingReal()
    {
        string text = ServerConfigText.Write(new NatsServerOptions(), "n", "/store", "/ports", 0, 0, new ClusterRoutes("c", [7001, 7002]));
        Assert.Contains("routes: [\"nats://127.0.0.1:7001\", \"nats://127.0.0.1:7002\"]", text, StringComparison.Ordinal);
        Assert.Contains("advertise: \"127.0.0.1:1\"", text, StringComparison.Ordinal);
    }

    private static string Write(NatsServerOptions options) => ServerConfigText.Write(options, "n", "/store", "/ports", 0, 0, null);
}
