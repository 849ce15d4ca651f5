using NatsKv.Testing.Locating;

namespace NatsKv.Testing.Tests.Locating;

public sealed class ServerVersionTextTests
{
    [Theory]
    [InlineData("nats-server: v2.15.1\n", "2.15.1")]
    [InlineData("nats-server: v2.12.0-RC.1", "2.12.0")]
    [InlineData("nats-server: 2.9.10", "2.9.10")]
    [InlineData("nats: v2.15.1", null)]
    [InlineData("nats-server: vX", null)]
    [InlineData("", null)]
    public void TryParseOutput_Output_GivesItsVersion(string output, string? expected)
    {
        Assert.Equal(expected is not null, ServerVersionText.TryParseOutput(output, out Version? version));
        Assert.Equal(expected, version?.ToString());
    }

    [Theory]
    [InlineData(NatsServerVersion.Latest, "2.10.27", false)]
    [InlineData(NatsServerVersion.Latest, "2.11.0", true)]
    [InlineData(NatsServerVersion.Latest, "3.0.0", true)]
    [InlineData(NatsServerVersion.V2_10, "2.10.0", true)]
    [InlineData(NatsServerVersion.V2_10, "2.11.0", false)]
    [InlineData(NatsServerVersion.V2_10, "2.9.25", false)]
    [InlineData(NatsServerVersion.V2_9, "2.9.10", true)]
    [InlineData(NatsServerVersion.V2_9, "2.10.0", false)]
    public void Contains_Version_TellsWhetherItIsOfTheLine(NatsServerVersion line, string version, bool expected) =>
        Assert.Equal(expected, ServerLine.Of(line).Contains(Version.Parse(version)));
}
