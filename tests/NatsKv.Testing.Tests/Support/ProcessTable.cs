using System.Globalization;
using System.Text;

namespace NatsKv.Testing.Tests.Support;

/// <summary>What the kernel says of processes; Linux only.</summary>
internal static class ProcessTable
{
    /// <summary>The state letter of a process, such as T for stopped, or <see langword="null"/> when it is gone or only waits to be reaped.</summary>
    public static char? StateOf(int processId)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{processId}/stat");
            char state = stat[stat.LastIndexOf(')') + 2];
            return state is 'Z' or 'X' ? null : state;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The processes whose command line holds a text.</summary>
    public static int[] WithCommandLine(string text) =>
        [.. Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : 0)
            .Where(id => id != 0 && CommandLineOf(id).Contains(text, StringComparison.Ordinal) && StateOf(id) is not null)];

    private static string CommandLineOf(int processId)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{processId}/cmdline"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }
}
