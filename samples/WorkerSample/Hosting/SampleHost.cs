using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.FeatureManagement;
using WorkerSample.Pricing;

namespace WorkerSample.Hosting;

/// <summary>Puts the host together: this is what an application writes.</summary>
internal static class SampleHost
{
    public const string ConfigurationBucket = "config";

    public static HostApplicationBuilder CreateBuilder(string natsUrl)
    {
        // The command line is the sample's own; its words are no settings.
        HostApplicationBuilder builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "WorkerSample" });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Configuration.AddInMemoryCollection([new("NatsKv:Url", natsUrl)]);

        // Configuration, live from bucket 'config'.
        builder.Configuration.AddNatsKv(ConfigurationBucket);
        builder.Services.AddFeatureManagement();
        builder.Services.Configure<GreetingOptions>(builder.Configuration.GetSection("Greeting"));

        // A distributed cache in bucket 'cache', over the same connection.
        builder.Services.AddNatsKvCache();

        builder.Services.AddSingleton<PriceList>();
        return builder;
    }
}
