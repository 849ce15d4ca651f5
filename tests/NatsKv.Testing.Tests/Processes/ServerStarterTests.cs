using NatsKv.TestKit;
using NatsKv.Testing.Monitoring;
using NatsKv.Testing.Processes;
using NatsKv.Testing.Tests.Locating;
using NatsKv.Testing.Tests.Support;

namespace NatsKv.Testing.Tests.Processes;

public sealed class ServerStarterTests : IDisposable
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private readonly ServerFolder _folder = ServerFolder.Create();
    private readonly MonitoringClient _monitoring = new();

    public ServerStarterTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "The fake servers are shell scripts, and /proc is asked about them.");

    public void Dispose()
    {
        _monitoring.Dispose();
        _folder.Delete();
    }

    [Fact]
    public async Task StartAsync_NeverReady_KillsItAndTellsTheLog()
    {
        ServerStarter starter = StarterOf("echo password hunter2; exec sleep 600", TimeSpan.FromSeconds(6));

        NatsServerStartException error = await Assert.ThrowsAsync<NatsServerStartException>(() => starter.StartAsync(0, 0, false, Ct));

        Assert.Equal("password ***", error.LogTail);
        Assert.Contains("not ready within 6 s", error.Message, StringComparison.Ordinal);
        await AssertNothingRunsAsync();
    }

    [Fact]
    public async Task StartAsync_Cancelled_KillsIt()
    {
        using var cancel = new CancellationTokenSource();
        Task<StartedServer> starting = StarterOf("echo up; exec sleep 600", TimeSpan.FromSeconds(60)).StartAsync(0, 0, false, cancel.Token);
        await Eventually.TrueAsync(() => File.Exists(_folder.LogFile) && File.ReadAllText(_folder.LogFile).Contains("up", StringComparison.Ordinal), "it runs", ct: Ct);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting);
        await AssertNothingRunsAsync();
    }

    [Fact]
    public async Task StartAsync_EndsAtOnce_FailsAtOnceWithItsLog()
    {
        ServerStarter starter = StarterOf("echo 'no such thing' >&2; exit 1", TimeSpan.FromMinutes(10));

        NatsServerStartException error = await Assert.ThrowsAsync<NatsServerStartException>(() => starter.StartAsync(0, 0, false, Ct));

        Assert.Equal("no such thing", error.LogTail);
    }

    [Fact]
    public async Task StartAsync_OwnPortIsTakenForAWhile_TriesAgain()
    {
        // The second try gets past the bind.
        string script = """[ -e "$2.tried" ] && { echo second; exit 1; }; touch "$2.tried"; echo 'listen tcp: bind: address already in use'; exit 1""";

        NatsServerStartException error = await Assert.ThrowsAsync<NatsServerStartException>(
            () => StarterOf(script, TimeSpan.FromSeconds(60)).StartAsync(4222, 0, portIsOurs: true, Ct));

        Assert.Equal("second", error.LogTail);
    }

    private ServerStarter StarterOf(string script, TimeSpan timeout)
    {
        string executable = Path.Combine(_folder.Root, "fake-server");
        FakeServer.WriteScript(executable, script);
        var options = new NatsServerOptions { StartTimeout = timeout, User = "u", Password = "hunter2" };
        return new ServerStarter(executable, options, "n", _folder.StoreFolder, _folder, null, _monitoring);
    }

    private Task AssertNothingRunsAsync() =>
        Eventually.TrueAsync(() => ProcessTable.WithCommandLine(_folder.Root).Length == 0, "neither server nor watchdog runs", ct: Ct);
}
