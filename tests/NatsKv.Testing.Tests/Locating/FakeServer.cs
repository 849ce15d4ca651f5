using System.Diagnostics;

namespace NatsKv.Testing.Tests.Locating;

/// <summary>An executable that says it is a nats-server.</summary>
internal static class FakeServer
{
    public static string Write(string path, string version)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        WriteScript(path, $"echo 'nats-server: v{version}'");
        return path;
    }

    public static void WriteScript(string path, string script)
    {
        // Not written by this process: what another test forks meanwhile would have the file open, and then it can't be executed.
        const string Write = """printf '#!/bin/sh\n%s\n' "$1" >"$2" && chmod 700 "$2" """;
        using var shell = Process.Start("/bin/sh", ["-c", Write, "sh", script, path]);
        shell.WaitForExit();
    }
}
