using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>Asks a stream which of its subjects match a filter, from one on in the server's own order.</summary>
internal sealed class StreamNamesRequest
{
    [JsonPropertyName("subjects_filter")]
    public required string Filter { get; init; }

    [JsonPropertyName("offset")]
    public required long Offset { get; init; }
}
