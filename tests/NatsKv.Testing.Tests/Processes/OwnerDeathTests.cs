using System.Diagnostics;
using System.Globalization;
using NatsKv.TestKit;
using NatsKv.Testing.Tests.Support;

namespace NatsKv.Testing.Tests.Processes;

public sealed class OwnerDeathTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    public OwnerDeathTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "The server outlives a killed owner elsewhere.");

    [Theory]
    [InlineData("wait")]
    [InlineData("pause")]
    public async Task OwnerIsKilled_ServerRunsOrIsPaused_ServerDiesAndNextStartRemovesItsFolder(string mode)
    {
        (Process owner, int serverId, string folder) = await StartOwnerAsync(mode);
        using (owner)
        {
            Assert.NotNull(ProcessTable.StateOf(serverId));

            owner.Kill();
            await owner.WaitForExitAsync(Ct);
        }

        await AssertNothingRunsAsync(serverId, folder);

        // A server that starts in another process at this moment may have removed it already, or be about to.
        await using NatsServer next = await NatsServer.StartAsync(ct: Ct);
        await Eventually.TrueAsync(() => !Directory.Exists(folder), "the folder of the dead owner's server is gone", ct: Ct);
    }

    [Fact]
    public async Task OwnerEnds_WithoutDisposal_ServerDies()
    {
        (Process owner, int serverId, string folder) = await StartOwnerAsync("return");
        using (owner)
        {
            await owner.WaitForExitAsync(Ct);
        }

        await AssertNothingRunsAsync(serverId, folder);
    }

    [Fact]
    public async Task OwnerStartsOtherProcesses_ThatOutliveIt_ServerDiesAllTheSame()
    {
        // They would hold the pipe open if they had inherited it.
        await using NatsServer server = await NatsServer.StartAsync(ct: Ct);
        (Process owner, int serverId, string folder) = await StartOwnerAsync("child");
        using (owner)
        {
            owner.Kill();
            await owner.WaitForExitAsync(Ct);
        }

        await AssertNothingRunsAsync(serverId, folder);
        Assert.True(server.IsRunning);
    }

    [Fact]
    public async Task StartingThreadEnds_ServerLivesOn()
    {
        NatsServer? server = null;
        var thread = new Thread(() => server = NatsServer.StartAsync(ct: Ct).GetAwaiter().GetResult());
        thread.Start();
        thread.Join();
        await using NatsServer started = server!;

        // A second server's start and end is time enough for the kernel to have sent a signal.
        await using (await NatsServer.StartAsync(ct: Ct))
        {
        }

        Assert.True(started.IsRunning);
        await Eventually.EqualAsync(0, () => started.GetConnectionCountAsync(Ct), "connections", ct: Ct);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ServerEnds_ByItselfOrKilled_NoWatchdogIsLeft(bool killedByUs)
    {
        await using NatsServer server = await NatsServer.StartAsync(ct: Ct);
        string folder = Path.GetDirectoryName(server.LogFile)!;
        Assert.Equal(2, ProcessTable.WithCommandLine(folder).Length);

        if (killedByUs)
        {
            await server.KillAsync(Ct);
        }
        else
        {
            using var stranger = Process.GetProcessById(server.ProcessId);
            stranger.Kill();
        }

        await AssertNothingRunsAsync(server.ProcessId, folder);
        await Eventually.TrueAsync(() => !server.IsRunning, "the server is known to be gone", ct: Ct);
    }

    private static async Task<(Process Owner, int ServerId, string Folder)> StartOwnerAsync(string mode)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "NatsKv.Testing.TestOwner.dll"), mode])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        var owner = Process.Start(start)!;
        string[] words = (await owner.StandardOutput.ReadLineAsync(Ct).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Ct) ?? "0 /").Split(' ', 2);
        return (owner, int.Parse(words[0], CultureInfo.InvariantCulture), Path.GetDirectoryName(words[1])!);
    }

    private static Task AssertNothingRunsAsync(int serverId, string folder) => Eventually.TrueAsync(
        () => ProcessTable.StateOf(serverId) is null && ProcessTable.WithCommandLine(folder).Length == 0,
        "neither server nor watchdog runs",
        ct: Ct);
}
