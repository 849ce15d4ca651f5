using System.Text.Json;
using NatsKv.TestKit;
using NatsKv.Tests;

[assembly: AssemblyFixture(typeof(Server))]

namespace NatsKv.Tests;

/// <summary>The server that the tests of this assembly share; each test has buckets of its own.</summary>
public sealed class Server : NatsServerFixture, IAsyncLifetime
{
    /// <summary>A client on this server.</summary>
    public NatsKvClient NewClient(Action<NatsKvOptions>? configure = null)
    {
        // A first attempt that fails is told at once: on a busy machine it may take its time.
        var options = new NatsKvOptions { Url = Url, ConnectTimeout = TimeSpan.FromSeconds(30) };
        configure?.Invoke(options);
        return new NatsKvClient(options);
    }

    /// <summary>A client and a new bucket.</summary>
    public async Task<(NatsKvClient Client, INatsKvBucket Bucket)> NewBucketAsync(Func<NatsKvBucketConfig, NatsKvBucketConfig>? change = null)
    {
        NatsKvClient client = NewClient();
        var config = new NatsKvBucketConfig { Bucket = NewName(), Storage = NatsKvStorage.Memory };
        INatsKvBucket bucket = await client.CreateBucketAsync(change?.Invoke(config) ?? config, TestContext.Current.CancellationToken);
        return (client, bucket);
    }

    /// <summary>How many consumers the server has on a bucket, by its monitoring.</summary>
    public async Task<int> ConsumerCountAsync(string bucket)
    {
        using var http = new HttpClient();
        string json = await http.GetStringAsync(new Uri($"{Server.MonitoringUrl}/jsz?streams=true&config=true"), TestContext.Current.CancellationToken);
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("account_details").EnumerateArray()
            .SelectMany(static account => account.GetProperty("stream_detail").EnumerateArray())
            .Where(stream => stream.GetProperty("name").GetString() == "KV_" + bucket)
            .Sum(static stream => stream.GetProperty("state").GetProperty("consumer_count").GetInt32());
    }
}
