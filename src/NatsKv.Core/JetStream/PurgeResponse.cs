using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>How many messages were removed.</summary>
internal sealed class PurgeResponse : IApiResponse
{
    [JsonPropertyName("error")]
    public ApiError? Error { get; init; }

    [JsonPropertyName("purged")]
    public long Purged { get; init; }
}
