using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>The part of a stream's state that names its subjects.</summary>
internal sealed class StreamNamesDocument
{
    [JsonPropertyName("last_seq")]
    public ulong LastSequence { get; init; }

    /// <summary>The subjects of the page as hashes; <see langword="null"/> when there are none.</summary>
    [JsonPropertyName("subjects")]
    [JsonConverter(typeof(SubjectHashesConverter))]
    public List<ulong>? Subjects { get; init; }
}
