using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>One page of streams.</summary>
internal sealed class StreamListResponse : IStreamPage<StreamInfoResponse>
{
    [JsonPropertyName("error")]
    public ApiError? Error { get; init; }

    [JsonPropertyName("total")]
    public int Total { get; init; }

    [JsonPropertyName("streams")]
    public StreamInfoResponse[]? Streams { get; init; }
}
