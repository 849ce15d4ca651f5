using System.Text.Json;
using NatsKv.Configuration.Tests.Live;
using NatsKv.TestKit;
using NatsKv.Testing;

[assembly: AssemblyFixture(typeof(Server))]

namespace NatsKv.Configuration.Tests.Live;

/// <summary>The nats-server that the tests share; each takes buckets of its own.</summary>
public sealed class Server : NatsServerFixture, IAsyncLifetime
{
    /// <summary>How many consumers a bucket has, by the server's own word.</summary>
    public static async Task<int> CountConsumersAsync(NatsServer server, string bucket)
    {
        using var http = new HttpClient();
        await using Stream stream = await http.GetStreamAsync(new Uri($"{server.MonitoringUrl}/jsz?streams=true&consumers=true"), TestContext.Current.CancellationToken);
        using JsonDocument document = await JsonDocument.ParseAsync(stream, default, TestContext.Current.CancellationToken);
        return document.RootElement.GetProperty("account_details").EnumerateArray()
            .SelectMany(static account => account.GetProperty("stream_detail").EnumerateArray())
            .Single(detail => detail.GetProperty("name").GetString() == "KV_" + bucket)
            .GetProperty("state").GetProperty("consumer_count").GetInt32();
    }
}
