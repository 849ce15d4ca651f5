using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>How much a stream holds.</summary>
internal sealed class StreamStateDocument
{
    [JsonPropertyName("messages")]
    public long Messages { get; init; }

    [JsonPropertyName("bytes")]
    public long Bytes { get; init; }

    [JsonPropertyName("first_seq")]
    public ulong FirstSequence { get; init; }

    [JsonPropertyName("last_seq")]
    public ulong LastSequence { get; init; }

    /// <summary>When the message of the last sequence was stored; kept when that message is gone.</summary>
    [JsonPropertyName("last_ts")]
    public DateTimeOffset LastTime { get; init; }

    [JsonPropertyName("num_subjects")]
    public long Subjects { get; init; }
}
