using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>JetStream's way of saying no.</summary>
internal sealed class ApiError
{
    [JsonPropertyName("code")]
    public int Code { get; init; }

    [JsonPropertyName("err_code")]
    public int ErrorCode { get; init; }

    [JsonPropertyName("description")]
    public string Description { get; init; } = "";
}
