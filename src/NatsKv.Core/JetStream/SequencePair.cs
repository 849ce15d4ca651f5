using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>A position: in the consumer's deliveries, and in the stream.</summary>
internal sealed class SequencePair
{
    [JsonPropertyName("consumer_seq")]
    public ulong Consumer { get; init; }

    [JsonPropertyName("stream_seq")]
    public ulong Stream { get; init; }
}
