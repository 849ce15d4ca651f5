using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>A stream that holds the same messages.</summary>
internal sealed class StreamAlternateDocument
{
    [JsonPropertyName("name")]
    public string Name { get; init; } = "";

    [JsonPropertyName("cluster")]
    public string? Cluster { get; init; }

    [JsonPropertyName("domain")]
    public string? Domain { get; init; }
}
