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
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
