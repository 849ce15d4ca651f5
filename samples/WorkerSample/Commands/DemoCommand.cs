using System.Diagnostics;
using NatsKv;
using NatsKv.Testing;
using WorkerSample.Demo;
using WorkerSample.Hosting;

namespace WorkerSample.Commands;

/// <summary>The whole story by itself, on a server of its own, because it kills it.</summary>
internal static class DemoCommand
{
    public static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var script = new DemoScript();
        await using NatsServer server = await NatsServer.StartAsync(new NatsServerOptions { Progress = new LineProgress() }, cancellationToken);
        script.Say($"nats-server {server.Version} runs at {server.Url}, with a store of its own that goes when this ends.");
        await using var outside = new NatsKvClient(new NatsKvOptions { Url = server.Url, ClientName = "WorkerSample demo, outside" });

        long start = Stopwatch.GetTimestamp();
        await using (WorkerScenes worker = await WorkerScenes.StartAsync(script, server, outside, cancellationToken))
        {
            await worker.FlipAFlagAsync(cancellationToken);
            await ExpiryScenes.PlayAsync(script, outside, cancellationToken);
            await worker.ExpireACacheEntryAsync(cancellationToken);
            await worker.SurviveARestartAsync(cancellationToken);
            await worker.CountConnectionsAsync(cancellationToken);
        }

        return script.Finish(Stopwatch.GetElapsedTime(start));
    }
}
