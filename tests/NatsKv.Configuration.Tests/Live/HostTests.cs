using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NatsKv.Testing;

namespace NatsKv.Configuration.Tests.Live;

public sealed class HostTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Host_WithTheClientToo_HasOneConnectionThatEndsWithIt(bool applicationBuilder)
    {
        await using NatsServer nats = await NatsServer.StartAsync(ct: Cancellation);
        await using (var client = new NatsKvClient(new NatsKvOptions { Url = nats.Url }))
        {
            INatsKvBucket bucket = await client.CreateBucketAsync(new NatsKvBucketConfig { Bucket = "settings" }, Cancellation);
            await bucket.PutAsync("a", "1", cancellationToken: Cancellation);
        }

        await Eventual.EqualAsync(0, () => nats.GetConnectionCountAsync(Cancellation));
        KeyValuePair<string, string?>[] earlier = [new("ConnectionStrings:nats", nats.Url), new("NatsKv:Configuration:Bucket", "settings")];
        using (IHost host = applicationBuilder ? Modern(earlier) : Classic(earlier))
        {
            await host.StartAsync(Cancellation);
            Assert.Equal("1", host.Services.GetRequiredService<IConfiguration>()["a"]);
            INatsKvClient client = host.Services.GetRequiredService<INatsKvClient>();
            INatsKvBucket bucket = await client.GetBucketAsync("settings", Cancellation);
            await bucket.PutAsync("a", "2", cancellationToken: Cancellation);
            await Eventual.EqualAsync("2", () => host.Services.GetRequiredService<IConfiguration>()["a"]);
            await Eventual.EqualAsync(1, () => nats.GetConnectionCountAsync(Cancellation));
            await host.StopAsync(Cancellation);
        }

        await Eventual.EqualAsync(0, () => nats.GetConnectionCountAsync(Cancellation));
    }

    private static IHost Modern(KeyValuePair<string, string?>[] earlier)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(earlier);
        builder.Configuration.AddNatsKv();
        builder.Services.AddNatsKv();
        return builder.Build();
    }

    private static IHost Classic(KeyValuePair<string, string?>[] earlier) => Host.CreateDefaultBuilder()
        .ConfigureAppConfiguration(builder => builder.AddInMemoryCollection(earlier).AddNatsKv())
        .ConfigureServices(services => services.AddNatsKv())
        .Build();
}
