using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>The answer to whether JetStream is there.</summary>
internal sealed class ApiStatusResponse : IApiResponse
{
    [JsonPropertyName("error")]
    public ApiError? Error { get; init; }

    [JsonPropertyName("api")]
    public ApiStatsDocument? Api { get; init; }
}
