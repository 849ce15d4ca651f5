using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>Which messages to remove from a stream.</summary>
internal sealed class PurgeRequest
{
    [JsonPropertyName("filter")]
    public string? Filter { get; init; }

    /// <summary>Everything below it goes. The server takes 0 and 1 as 'no limit'.</summary>
    [JsonPropertyName("seq")]
    public ulong? Sequence { get; init; }

    /// <summary>How many stay, counted over the whole filter.</summary>
    [JsonPropertyName("keep")]
    public ulong? Keep { get; init; }
}
