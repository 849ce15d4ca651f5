using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace NatsKv.Testing.Processes;

/// <summary>
/// Names a process so that it can't be mistaken for a later one with the same number: by its number, when it started, and the
/// namespace that the number is from (two containers may share a temporary folder).
/// </summary>
internal sealed record OwnerId(int ProcessId, string Start, string Namespace)
{
    private static readonly string CurrentNamespace = ReadNamespace();

    public static OwnerId Current { get; } =
        new(Environment.ProcessId, StartOf(Environment.ProcessId) ?? "0", CurrentNamespace);

    public static OwnerId? TryParse(string text)
    {
        string[] parts = text.Split('-');
        return parts.Length == 3 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            ? new OwnerId(id, parts[1], parts[2])
            : null;
    }

    /// <summary>Whether it is certain that this process has ended.</summary>
    public bool IsDead() => Namespace == CurrentNamespace && StartOf(ProcessId) != Start;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{ProcessId}-{Start}-{Namespace}");

    private static string? StartOf(int processId)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                // Field 22, in clock ticks since the boot. The second field, the name in brackets, may hold spaces and brackets.
                string stat = File.ReadAllText($"/proc/{processId}/stat");
                return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
            }

            using var process = Process.GetProcessById(processId);
            return process.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or ArgumentException or InvalidOperationException or Win32Exception or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string ReadNamespace()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "0";
        }

        // pid:[4026531836]
        string target = new FileInfo("/proc/self/ns/pid").LinkTarget ?? string.Empty;
        string number = string.Concat(target.Where(char.IsAsciiDigit));
        return number.Length == 0 ? "0" : number;
    }
}
