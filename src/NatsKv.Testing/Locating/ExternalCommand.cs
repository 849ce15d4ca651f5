using System.Collections.ObjectModel;
using System.ComponentModel;
using System.Diagnostics;

namespace NatsKv.Testing.Locating;

/// <summary>Runs a program to its end and takes what it prints.</summary>
internal static class ExternalCommand
{
    private const int TextFileBusy = 26;
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(10);

    /// <summary>Runs it; a program that can't be started gives exit code -1 and the reason as its error text.</summary>
    public static async Task<ExternalCommandResult> RunAsync(
        string fileName, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment, string? folder, CancellationToken ct)
    {
        var start = new ProcessStartInfo(fileName, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = folder ?? string.Empty,
        };
        start.Environment["LC_ALL"] = "C";
        foreach ((string name, string value) in environment ?? ReadOnlyDictionary<string, string>.Empty)
        {
            start.Environment[name] = value;
        }

        using var process = new Process { StartInfo = start };
        while (true)
        {
            try
            {
                process.Start();
                break;
            }
            catch (Win32Exception error) when (error.NativeErrorCode == TextFileBusy && !OperatingSystem.IsWindows())
            {
                // The program was only just written, and a child that another thread forked meanwhile has it open until its exec.
                await Task.Delay(BusyPause, TimeProvider.System, ct).ConfigureAwait(false);
            }
            catch (Win32Exception error)
            {
                return new ExternalCommandResult(-1, string.Empty, error.Message);
            }
        }

        process.StandardInput.Close();
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(ct);
            Task<string> errors = process.StandardError.ReadToEndAsync(ct);
            await process.WaitForExitAsync(ct).ConfigureAwait(false);
            return new ExternalCommandResult(process.ExitCode, await output.ConfigureAwait(false), await errors.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }
}
