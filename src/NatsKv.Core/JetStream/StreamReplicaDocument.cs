using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>A server that holds a stream and doesn't lead it.</summary>
internal sealed class StreamReplicaDocument
{
    [JsonPropertyName("name")]
    public string Name { get; init; } = "";

    [JsonPropertyName("current")]
    public bool Current { get; init; }

    [JsonPropertyName("offline")]
    public bool Offline { get; init; }

    /// <summary>Nanoseconds.</summary>
    [JsonPropertyName("active")]
    public long Active { get; init; }

    [JsonPropertyName("lag")]
    public long Lag { get; init; }
}
