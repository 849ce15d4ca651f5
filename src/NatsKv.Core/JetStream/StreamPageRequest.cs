using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>Asks for the next page of streams.</summary>
internal sealed class StreamPageRequest
{
    [JsonPropertyName("subject")]
    public string? Subject { get; init; }

    [JsonPropertyName("offset")]
    public int Offset { get; init; }
}
