using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>A message as the leader returns it; headers and data come as Base64.</summary>
internal sealed class StoredMessage
{
    [JsonPropertyName("subject")]
    public string Subject { get; init; } = "";

    [JsonPropertyName("seq")]
    public ulong Sequence { get; init; }

    [JsonPropertyName("time")]
    public DateTimeOffset Time { get; init; }

    [JsonPropertyName("hdrs")]
    public byte[]? Headers { get; init; }

    [JsonPropertyName("data")]
    public byte[]? Data { get; init; }
}
