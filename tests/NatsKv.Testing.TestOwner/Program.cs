using NatsKv.Testing;

// Starts a server, prints its process id and its log's path, and then, as the argument says:
//   wait    lives until it is killed
//   pause   pauses the server, and lives until it is killed
//   return  ends without disposing of the server
string mode = args.Length > 0 ? args[0] : "wait";
NatsServer server = await NatsServer.StartAsync();
if (mode == "pause")
{
    server.Pause();
}

Console.WriteLine($"{server.ProcessId} {server.LogFile}");
if (mode != "return")
{
    await Task.Delay(Timeout.Infinite);
}
