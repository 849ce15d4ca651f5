using System.Text;
using System.Text.Json;
using NatsKv.Buckets;
using NatsKv.JetStream;

namespace NatsKv.Tests.Buckets;

public sealed class BucketTraitsTests
{
    // A mirror may answer the direct gets of what it mirrors, and lags behind like a replica.
    [Theory]
    [InlineData("""{ "config": { "max_msgs_per_subject": 1, "num_replicas": 1 } }""", false)]
    [InlineData("""{ "config": { "max_msgs_per_subject": 1, "num_replicas": 3 } }""", true)]
    [InlineData("""{ "config": { "max_msgs_per_subject": 1, "num_replicas": 1 }, "alternates": [ { "name": "KV_a" }, { "name": "KV_b" } ] }""", true)]
    [InlineData("""{ "config": { "max_msgs_per_subject": 1, "num_replicas": 1, "mirror": { "name": "KV_a" } } }""", true)]
    public void From_StreamInfo_KnowsWhoMayLagBehind(string info, bool mayLag)
    {
        BucketTraits traits = BucketTraits.From(JsonSerializer.Deserialize(Encoding.UTF8.GetBytes(info), JetStreamJsonContext.Default.StreamInfoResponse)!);

        Assert.Equal(mayLag, traits.MayLag);
    }
}
