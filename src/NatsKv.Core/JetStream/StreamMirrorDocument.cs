using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>How far a mirror is.</summary>
internal sealed class StreamMirrorDocument
{
    [JsonPropertyName("name")]
    public string Name { get; init; } = "";

    [JsonPropertyName("lag")]
    public long Lag { get; init; }

    /// <summary>Nanoseconds; negative when nothing ever came.</summary>
    [JsonPropertyName("active")]
    public long Active { get; init; }
}
