using System.Diagnostics;

namespace NatsKv.Testing.Processes;

/// <summary>
/// A child process that dies with its owner, also when the owner is killed with SIGKILL and can't run any code.
/// <para>
/// Where there is a shell, it starts the program: it first forks a watchdog, then becomes the program itself (exec), so that the
/// process id that .NET knows, waits for and signals is the program's own. The watchdog waits at the reading end of the child's
/// standard input. The writing end is this process's alone: .NET opens it close-on-exec, and the program's own standard input is
/// /dev/null. When this process ends, however it ends, the system closes the writing end, and the watchdog kills the program. When the
/// program ends first, a line tells the watchdog to go.
/// </para>
/// <para>
/// Why not prctl(PR_SET_PDEATHSIG): it follows the thread that forked, and in .NET that is a pool thread that may end at any time.
/// </para>
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    // $1 is the log, the rest the command. The watchdog kills only its own parent: when that is gone, so that another process may have
    // got the number by now, the watchdog's parent is another one. (Without /proc there is only the line that tells it to go.)
    // setsid takes the program out of the terminal's process group, so that Ctrl+C reaches the owner, which then stops the program in
    // its own time; it neither forks nor changes the process id of a process that leads no group.
    private const string Launcher =
        """
        log=$1
        shift
        exec 3<&0 </dev/null >>"$log" 2>&1
        {
          trap '' HUP INT QUIT TERM
          if read -r line <&3; then exit 0; fi
          while read -r key value; do
            if [ "$key" = PPid: ] && [ "$value" != "$$" ]; then exit 0; fi
          done </proc/self/status
          kill -KILL "$$"
        } >/dev/null 2>&1 &
        exec 3<&-
        if command -v setsid >/dev/null; then exec setsid "$@"; fi
        exec "$@"
        """;

    private const string Shell = "/bin/sh";

    private static readonly TimeSpan LongestHalt = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly CancellationTokenSource _exited = new();
    private readonly Task _farewell;

    private ServerProcess(Process process)
    {
        _process = process;
        Id = process.Id;
        ExitToken = _exited.Token;
        _farewell = DismissWatchdogAtExitAsync();
    }

    public int Id { get; }

    /// <summary>Is cancelled when the process has ended.</summary>
    public CancellationToken ExitToken { get; }

    public bool HasExited => ExitToken.IsCancellationRequested || _process.HasExited;

    /// <summary>Starts it, its output going to the end of a log file.</summary>
    public static ServerProcess Start(string executable, IEnumerable<string> arguments, string logFile)
    {
        bool shell = File.Exists(Shell);
        var start = shell
            ? new ProcessStartInfo(Shell, ["-c", Launcher, "sh", logFile, executable, .. arguments])
            : new ProcessStartInfo(executable, [.. arguments, "--log", logFile]);
        start.RedirectStandardInput = true;
        start.UseShellExecute = false;
        start.CreateNoWindow = true;
        return new ServerProcess(Process.Start(start) ?? throw new InvalidOperationException("The process was not started."));
    }

    public void Send(int signal)
    {
        if (!HasExited)
        {
            Signal.Send(Id, signal);
        }
    }

    /// <summary>Halts it. A thread that runs on another core stops a moment after the signal was sent; that is awaited where the system tells.</summary>
    public void Halt()
    {
        Send(Signal.Stop);
        if (OperatingSystem.IsLinux())
        {
            SpinWait.SpinUntil(IsHalted, LongestHalt);
        }
    }

    /// <summary>Asks it to end (where there is a signal for that), and kills it when it doesn't within the grace period.</summary>
    public async Task StopAsync(TimeSpan grace, CancellationToken ct)
    {
        if (!HasExited && !OperatingSystem.IsWindows())
        {
            Signal.Send(Id, Signal.Terminate);
            Signal.Send(Id, Signal.Continue);
            using var late = new CancellationTokenSource(grace, TimeProvider.System);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
            try
            {
                await _process.WaitForExitAsync(either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
            }
        }

        await KillAsync().ConfigureAwait(false);
    }

    /// <summary>Kills it and waits until it is gone, which nothing can hinder.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _farewell.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync().ConfigureAwait(false);
        _process.Dispose();
        _exited.Dispose();
    }

    private async Task DismissWatchdogAtExitAsync()
    {
        await _process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            await _process.StandardInput.WriteLineAsync().ConfigureAwait(false);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The watchdog is gone already: somebody killed it, or the whole process group.
        }

        await _exited.CancelAsync().ConfigureAwait(false);
    }

    private bool IsHalted()
    {
        try
        {
            // '123 (nats-server) T …': the state is behind the name, which may hold anything.
            return Directory.GetDirectories($"/proc/{Id}/task")
                .Select(static thread => File.ReadAllText(Path.Combine(thread, "stat")))
                .All(static stat => stat.AsSpan(stat.LastIndexOf(')') + 2).StartsWith("T"));
        }
        catch (IOException)
        {
            // It has ended, or a thread of it.
            return HasExited;
        }
    }
}
