using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>One page of the names of streams.</summary>
internal sealed class StreamNamesResponse : IStreamPage<string>
{
    [JsonPropertyName("error")]
    public ApiError? Error { get; init; }

    [JsonPropertyName("total")]
    public int Total { get; init; }

    [JsonPropertyName("streams")]
    public string[]? Streams { get; init; }
}
