using NatsKv;

namespace WorkerSample.Hosting;

/// <summary>The keys that the worker starts with.</summary>
internal static class Seeds
{
    private static readonly (string Key, string Value)[] Keys =
    [
        ("FeatureManagement.NewPricing", "false"),
        ("Greeting.Text", "Hello"),
        ("Greeting.Repeat", "1"),
    ];

    /// <summary>Makes the bucket and its keys where they are missing; what is there stays.</summary>
    /// <returns>How many keys were written.</returns>
    public static async Task<int> PlantAsync(INatsKvClient client, CancellationToken cancellationToken)
    {
        INatsKvBucket bucket = await OpenAsync(client, cancellationToken);
        int written = 0;
        foreach ((string key, string value) in Keys)
        {
            NatsKvWriteResult result = await bucket.TryCreateAsync(key, value, cancellationToken: cancellationToken);
            written += result.IsStored ? 1 : 0;
        }

        return written;
    }

    private static async Task<INatsKvBucket> OpenAsync(INatsKvClient client, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetBucketAsync(SampleHost.ConfigurationBucket, cancellationToken);
        }
        catch (NatsKvBucketNotFoundException)
        {
            // With limit markers, keys may have a TTL of their own: 'set … --ttl 30s'.
            var config = new NatsKvBucketConfig
            {
                Bucket = SampleHost.ConfigurationBucket,
                Description = "Configuration of the worker sample",
                LimitMarkerTtl = TimeSpan.FromMinutes(10),
            };
            return await client.CreateBucketAsync(config, cancellationToken);
        }
    }
}
