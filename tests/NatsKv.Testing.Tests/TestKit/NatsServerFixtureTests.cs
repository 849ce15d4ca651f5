using NatsKv.TestKit;

namespace NatsKv.Testing.Tests.TestKit;

public sealed class NatsServerFixtureTests(NatsServerFixtureTests.Fixture fixture) : IClassFixture<NatsServerFixtureTests.Fixture>
{
    [Fact]
    public void Server_InAFixture_Runs()
    {
        Assert.True(fixture.Server.IsRunning);
        Assert.Equal(fixture.Server.Url, fixture.Url);
    }

    [Fact]
    public void NewName_Twice_GivesTwoNames() => Assert.NotEqual(fixture.NewName(), fixture.NewName(), StringComparer.Ordinal);

    public sealed class Fixture : NatsServerFixture, IAsyncLifetime;
}
