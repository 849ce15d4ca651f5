using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>The leader's answer to <see cref="MessageGetRequest"/>.</summary>
internal sealed class MessageGetResponse : IApiResponse
{
    [JsonPropertyName("error")]
    public ApiError? Error { get; init; }

    [JsonPropertyName("message")]
    public StoredMessage? Message { get; init; }
}
