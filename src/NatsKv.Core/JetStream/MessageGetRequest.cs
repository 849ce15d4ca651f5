using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>Asks for one stored message, by sequence, as the last of a subject, or as the first from a time on (servers from 2.11 on).</summary>
internal sealed class MessageGetRequest
{
    [JsonPropertyName("seq")]
    public ulong? Sequence { get; init; }

    [JsonPropertyName("start_time")]
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>Together with <see cref="Sequence"/>: the first message of the subject from there on.</summary>
    [JsonPropertyName("next_by_subj")]
    public string? NextBySubject { get; init; }

    [JsonPropertyName("last_by_subj")]
    public string? LastBySubject { get; init; }
}
