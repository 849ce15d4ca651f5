using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>Where a stream lives.</summary>
internal sealed class StreamClusterDocument
{
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("leader")]
    public string? Leader { get; init; }

    [JsonPropertyName("replicas")]
    public StreamReplicaDocument[]? Replicas { get; init; }
}
