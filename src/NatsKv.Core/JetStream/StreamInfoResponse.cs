using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>The answer to questions about a stream, its creation and its change.</summary>
internal sealed class StreamInfoResponse : IApiResponse
{
    [JsonPropertyName("error")]
    public ApiError? Error { get; init; }

    [JsonPropertyName("config")]
    public StreamConfigDocument? Config { get; init; }

    [JsonPropertyName("created")]
    public DateTimeOffset Created { get; init; }

    /// <summary>When the server said this, by its own clock; servers before 2.10 don't tell.</summary>
    [JsonPropertyName("ts")]
    public DateTimeOffset? Time { get; init; }

    [JsonPropertyName("cluster")]
    public StreamClusterDocument? Cluster { get; init; }

    /// <summary>
    /// Whether a node without a leader answered: then what it says may be long out of date, because it is cut off from the others.
    /// </summary>
    public bool IsLeaderless => Cluster is { Name.Length: > 0, Leader: null or "" };

    /// <summary>Whether several nodes hold the stream, so that one may believe to lead it that doesn't any more.</summary>
    public bool IsReplicated => Cluster is { Name.Length: > 0 } && Config is { Replicas: > 1 };

    /// <summary>The streams that hold the same, this one included; only told of those that have mirrors.</summary>
    [JsonPropertyName("alternates")]
    public StreamAlternateDocument[]? Alternates { get; init; }

    [JsonPropertyName("mirror")]
    public StreamMirrorDocument? Mirror { get; init; }

    [JsonPropertyName("state")]
    public StreamStateDocument State { get; init; } = new();
}
