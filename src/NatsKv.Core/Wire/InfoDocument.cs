using System.Text.Json.Serialization;

namespace NatsKv.Wire;

/// <summary>What we read of the document with which a server introduces itself.</summary>
internal sealed class InfoDocument
{
    [JsonPropertyName("server_id")]
    public string? ServerId { get; init; }

    [JsonPropertyName("server_name")]
    public string ServerName { get; init; } = "";

    [JsonPropertyName("version")]
    public string Version { get; init; } = "";

    [JsonPropertyName("cluster")]
    public string? Cluster { get; init; }

    [JsonPropertyName("headers")]
    public bool Headers { get; init; }

    [JsonPropertyName("jetstream")]
    public bool JetStream { get; init; }

    [JsonPropertyName("max_payload")]
    public int MaxPayload { get; init; }

    [JsonPropertyName("auth_required")]
    public bool AuthRequired { get; init; }

    [JsonPropertyName("tls_required")]
    public bool TlsRequired { get; init; }

    [JsonPropertyName("api_lvl")]
    public int ApiLevel { get; init; }

    public NatsKvServerInfo ToServerInfo() => new()
    {
        Id = ServerId,
        Name = ServerName,
        Version = Version,
        Cluster = Cluster,
        JetStream = JetStream,
        ApiLevel = ApiLevel,
        MaxPayload = MaxPayload,
    };
}
