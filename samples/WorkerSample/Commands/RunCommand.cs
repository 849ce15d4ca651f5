using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NatsKv;
using WorkerSample.Hosting;

namespace WorkerSample.Commands;

/// <summary>The worker, until Ctrl+C.</summary>
internal static class RunCommand
{
    public static async Task<int> RunAsync(string? url, CancellationToken cancellationToken)
    {
        await using SampleServer server = await SampleServer.StartAsync(url, cancellationToken);
        Console.WriteLine(server.IsOwn ? $"Started nats-server {server.Version} at {server.Url}." : "Using the configured NATS server.");
        await using (var seeder = new NatsKvClient(new NatsKvOptions { Url = server.Url, ClientName = "WorkerSample seeder" }))
        {
            int written = await Seeds.PlantAsync(seeder, cancellationToken);
            Console.WriteLine(written > 0 ? $"Wrote {written} keys into bucket '{SampleHost.ConfigurationBucket}'." : $"Bucket '{SampleHost.ConfigurationBucket}' has its keys already.");
        }

        HostApplicationBuilder builder = SampleHost.CreateBuilder(server.Url);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddHostedService<Worker>();
        using IHost host = builder.Build();
        Console.WriteLine();
        Console.WriteLine("Try this in a second terminal, and Ctrl+C here to stop:");
        Console.WriteLine($"  dotnet run --project samples/WorkerSample -- set FeatureManagement.NewPricing true{(url is null ? "" : " --url <the same>")}");
        Console.WriteLine("  (also get, delete, list, watch; set takes --ttl 30s)");
        Console.WriteLine();
        await host.RunAsync(cancellationToken);
        return 0;
    }
}
