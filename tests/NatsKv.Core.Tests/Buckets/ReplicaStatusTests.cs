using NatsKv.TestKit;

namespace NatsKv.Tests.Buckets;

/// <summary>What the status of a bucket tells beyond its configuration.</summary>
public sealed class ReplicaStatusTests(Server server)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Status_OneServer_NamesTheStoreAndTheApiLevels()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync(static config => config with { LimitMarkerTtl = TimeSpan.FromMinutes(1) });
        await using NatsKvClient _ = client;

        NatsKvBucketStatus status = await bucket.GetStatusAsync(Ct);

        Assert.Equal("JetStream", status.BackingStore);
        Assert.True(status.ServerApiLevel >= 1, $"{status.ServerApiLevel}");
        Assert.Equal(1, status.RequiredApiLevel);
        Assert.Empty(status.Replicas);
        Assert.Empty(status.Alternates);
        Assert.Null(status.Mirror);
    }

    [Fact]
    public async Task Status_Mirror_TellsItsOriginAndHowFarItIs()
    {
        (NatsKvClient client, INatsKvBucket bucket) = await server.NewBucketAsync();
        await using NatsKvClient _ = client;
        await bucket.PutAsync("key", "value", cancellationToken: Ct);
        await using var raw = new RawApi(server.Url);
        string name = server.NewName();
        await raw.AskAsync(
            $"STREAM.CREATE.KV_{name}",
            $$"""{ "name": "KV_{{name}}", "storage": "memory", "max_msgs_per_subject": 1, "allow_direct": true, "mirror_direct": true, "mirror": { "name": "KV_{{bucket.Name}}" } }""");
        INatsKvBucket mirror = client.Bind(name);

        await Eventually.TrueAsync(async () => (await mirror.GetStatusAsync(Ct)) is { Values: 1, Mirror.Lag: 0 }, "the mirror has everything", Patience, Ct);

        NatsKvMirrorStatus status = (await mirror.GetStatusAsync(Ct)).Mirror!;
        Assert.Equal("KV_" + bucket.Name, status.Origin);
        Assert.NotNull(status.LastHeard);
    }
}
