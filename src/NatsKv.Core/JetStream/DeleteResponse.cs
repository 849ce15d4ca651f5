using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>The answer to a deletion.</summary>
internal sealed class DeleteResponse : IApiResponse
{
    [JsonPropertyName("error")]
    public ApiError? Error { get; init; }

    [JsonPropertyName("success")]
    public bool Success { get; init; }
}
