using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>Asks for one stored message, by sequence or as the last of a subject.</summary>
internal sealed class MessageGetRequest
{
    [JsonPropertyName("seq")]
    public ulong? Sequence { get; init; }

    [JsonPropertyName("last_by_subj")]
    public string? LastBySubject { get; init; }
}
