using System.Collections.Concurrent;
using System.Diagnostics;

namespace WorkerSample.Tests;

/// <summary>The built sample, run as a person would: its words in, its lines out.</summary>
internal sealed class SampleProcess : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();

    private SampleProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => Add(_output, e.Data);
        process.ErrorDataReceived += (_, e) => Add(_errors, e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public IReadOnlyCollection<string> Output => _output;

    public IReadOnlyCollection<string> Errors => _errors;

    public int Id => _process.Id;

    /// <param name="state">The folder that stands for the user's own, so that runs of the sample don't meet.</param>
    /// <param name="environment">More variables; <see langword="null"/> takes one away.</param>
    /// <param name="arguments">The words behind the <c>--</c>.</param>
    public static SampleProcess Start(string state, IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = state,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "WorkerSample.dll"));
        Array.ForEach(arguments, start.ArgumentList.Add);
        start.Environment["XDG_DATA_HOME"] = state;
        start.Environment.Remove("NatsKv__Url");
        start.Environment.Remove("ConnectionStrings__nats");
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        return new SampleProcess(Process.Start(start)!);
    }

    public static async Task<(int ExitCode, string[] Output, string[] Errors)> RunAsync(
        string state, IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        await using SampleProcess process = Start(state, environment, arguments);
        int exitCode = await process.ExitCodeAsync();
        return (exitCode, [.. process.Output], [.. process.Errors]);
    }

    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Deadline);
        return _process.ExitCode;
    }

    /// <summary>Asks it to end, as Ctrl+C does.</summary>
    public void Terminate()
    {
        using Process kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        kill.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static void Add(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
        {
            lines.Enqueue(line);
        }
    }
}
