using System.Text.Json.Serialization;

namespace NatsKv.Wire;

/// <summary>The document with which a client introduces itself.</summary>
internal sealed class ConnectDocument
{
    [JsonPropertyName("verbose")]
    public bool Verbose { get; init; }

    [JsonPropertyName("pedantic")]
    public bool Pedantic { get; init; }

    [JsonPropertyName("echo")]
    public bool Echo { get; init; } = true;

    [JsonPropertyName("headers")]
    public bool Headers { get; init; } = true;

    [JsonPropertyName("no_responders")]
    public bool NoResponders { get; init; } = true;

    [JsonPropertyName("protocol")]
    public int Protocol { get; init; } = 1;

    [JsonPropertyName("lang")]
    public string Language { get; init; } = "csharp-natskv";

    [JsonPropertyName("version")]
    public string Version { get; init; } = typeof(ConnectDocument).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("user")]
    public string? User { get; init; }

    [JsonPropertyName("pass")]
    public string? Password { get; init; }

    [JsonPropertyName("auth_token")]
    public string? Token { get; init; }

    [JsonPropertyName("tls_required")]
    public bool TlsRequired { get; init; }
}
