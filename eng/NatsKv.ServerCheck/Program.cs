using NatsKv.ServerCheck;
using NatsKv.Testing;

// Finds or fetches the servers that the tests need, before any test project starts: what it takes is not counted as a test's time, and what
// is missing is said once instead of by every test.
foreach (NatsServerVersion version in Enum.GetValues<NatsServerVersion>())
{
    try
    {
        await using NatsServer server = await NatsServer.StartAsync(new NatsServerOptions { ServerVersion = version, Progress = new LineProgress() });
        Console.WriteLine($"nats-server {server.Version} is ready for the tests.");
    }
    catch (Exception exception) when (exception is NatsServerNotFoundException or NatsServerStartException)
    {
        Console.WriteLine(exception.Message);
        if (version == NatsServerVersion.Latest)
        {
            return 1;
        }
    }
}

return 0;
