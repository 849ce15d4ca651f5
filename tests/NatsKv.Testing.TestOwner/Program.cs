using System.Diagnostics;
using NatsKv.Testing;

// Starts a server, prints its process id and its log's path, and then, as the argument says:
//   wait    lives until it is killed
//   pause   pauses the server, and lives until it is killed
//   child   starts a process that outlives it for a minute, and lives until it is killed
//   return  ends without disposing of the server
string mode = args.Length > 0 ? args[0] : "wait";
NatsServer server = await NatsServer.StartAsync();
if (mode == "pause")
{
    server.Pause();
}
else if (mode == "child")
{
    // Its output must not be the pipe that the test reads.
    Process.Start("/bin/sh", ["-c", "exec sleep 60 >/dev/null 2>&1"]).Dispose();
}

Console.WriteLine($"{server.ProcessId} {server.LogFile}");
if (mode != "return")
{
    await Task.Delay(Timeout.Infinite);
}
