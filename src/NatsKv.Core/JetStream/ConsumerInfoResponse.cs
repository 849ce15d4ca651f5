using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>What the server says of a consumer.</summary>
internal sealed class ConsumerInfoResponse : IApiResponse
{
    [JsonPropertyName("error")]
    public ApiError? Error { get; init; }

    [JsonPropertyName("delivered")]
    public SequencePair Delivered { get; init; } = new();

    /// <summary>Where the consumer is, on a cluster.</summary>
    [JsonPropertyName("cluster")]
    public StreamClusterDocument? Cluster { get; init; }

    [JsonPropertyName("num_pending")]
    public ulong Pending { get; init; }
}
