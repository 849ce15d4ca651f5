using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>What the server says of a consumer.</summary>
internal sealed class ConsumerInfoResponse : IApiResponse
{
    [JsonPropertyName("error")]
    public ApiError? Error { get; init; }

    [JsonPropertyName("delivered")]
    public SequencePair Delivered { get; init; } = new();

    [JsonPropertyName("num_pending")]
    public ulong Pending { get; init; }
}
