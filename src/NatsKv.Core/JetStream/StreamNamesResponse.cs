using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>One page of the names of streams.</summary>
internal sealed class StreamNamesResponse : IApiResponse
{
    [JsonPropertyName("error")]
    public ApiError? Error { get; init; }

    [JsonPropertyName("total")]
    public int Total { get; init; }

    /// <summary>The server leaves it out, or says null, when there are none.</summary>
    [JsonPropertyName("streams")]
    public string[]? Streams { get; init; }
}
