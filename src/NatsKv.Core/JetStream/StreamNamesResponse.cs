using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>One page of a stream's subjects. Servers give up to 100,000 at a time.</summary>
internal sealed class StreamNamesResponse : IApiResponse
{
    [JsonPropertyName("error")]
    public ApiError? Error { get; init; }

    /// <summary>How many subjects match altogether, also when the page has none because it begins behind the last.</summary>
    [JsonPropertyName("total")]
    public long Total { get; init; }

    [JsonPropertyName("created")]
    public DateTimeOffset Created { get; init; }

    [JsonPropertyName("cluster")]
    public StreamClusterDocument? Cluster { get; init; }

    [JsonPropertyName("state")]
    public StreamNamesDocument State { get; init; } = new();
}
