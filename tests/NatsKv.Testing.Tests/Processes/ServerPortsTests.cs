using NatsKv.Testing.Processes;

namespace NatsKv.Testing.Tests.Processes;

public sealed class ServerPortsTests : IDisposable
{
    private const string Json = """{"nats":["nats://127.0.0.1:41971"],"monitoring":["http://127.0.0.1:41303"]}""";
    private readonly string _folder = Directory.CreateTempSubdirectory("natskv-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Parse_WithoutCluster_GivesBothPorts() => Assert.Equal(new ServerPorts(41971, 41303, null), ServerPorts.Parse(Json));

    [Fact]
    public void Parse_WithCluster_GivesItsPort() =>
        Assert.Equal(38633, ServerPorts.Parse(Json.Replace("}", ",\"cluster\":[\"nats://127.0.0.1:38633\"]}", StringComparison.Ordinal))?.Cluster);

    [Fact]
    public void Parse_WithoutMonitoring_IsIncomplete() => Assert.Null(ServerPorts.Parse("""{"nats":["nats://127.0.0.1:41971"]}"""));

    [Fact]
    public void TryRead_OtherProcessesFile_IsIgnored()
    {
        File.WriteAllText(Path.Combine(_folder, "nats-server_17.ports"), Json);
        Assert.Null(ServerPorts.TryRead(_folder, 7));
        Assert.NotNull(ServerPorts.TryRead(_folder, 17));
    }

    [Fact]
    public void TryRead_HalfWritten_IsNotThereYet()
    {
        File.WriteAllText(Path.Combine(_folder, "nats-server_17.ports"), Json[..30]);
        Assert.Null(ServerPorts.TryRead(_folder, 17));
    }
}
