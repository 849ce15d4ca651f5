using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>Asks for a consumer.</summary>
internal sealed class ConsumerCreateRequest
{
    [JsonPropertyName("stream_name")]
    public required string Stream { get; init; }

    [JsonPropertyName("action")]
    public string Action { get; init; } = "create";

    [JsonPropertyName("config")]
    public required ConsumerConfigDocument Config { get; init; }
}
