using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>Which servers may hold a stream.</summary>
internal sealed class PlacementDocument
{
    [JsonPropertyName("cluster")]
    public string? Cluster { get; init; }

    [JsonPropertyName("tags")]
    public string[]? Tags { get; init; }
}
