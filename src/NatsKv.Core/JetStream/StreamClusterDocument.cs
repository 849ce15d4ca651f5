using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>Where a stream lives.</summary>
internal sealed class StreamClusterDocument
{
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("leader")]
    public string? Leader { get; init; }

    /// <summary>When the leader became it, by its own clock; servers before 2.12, and leaders of what only one server holds, don't tell.</summary>
    [JsonPropertyName("leader_since")]
    public DateTimeOffset? LeaderSince { get; init; }

    [JsonPropertyName("replicas")]
    public StreamReplicaDocument[]? Replicas { get; init; }
}
