using System.Net;
using System.Text.Json;

namespace NatsKv.Testing.Monitoring;

/// <summary>Asks a server's monitoring endpoint.</summary>
internal sealed class MonitoringClient : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>How many clients are connected; connections of this library's own don't count.</summary>
    public async Task<int> CountConnectionsAsync(string baseUrl, CancellationToken ct)
    {
        using JsonDocument answer = await GetAsync($"{baseUrl}/connz?limit=1000000", ct).ConfigureAwait(false);
        return answer.RootElement.GetProperty("connections").EnumerateArray()
            .Count(connection => !connection.TryGetProperty("name", out JsonElement name) || name.GetString() != Wire.WireConnection.ClientName);
    }

    /// <summary>Whether the server says that it, and its JetStream if that is on, is well.</summary>
    public async Task<bool> IsHealthyAsync(string baseUrl, CancellationToken ct)
    {
        using HttpResponseMessage answer = await _http.GetAsync(new Uri($"{baseUrl}/healthz"), ct).ConfigureAwait(false);
        return answer.StatusCode == HttpStatusCode.OK;
    }

    public async Task<JsonDocument> GetAsync(string url, CancellationToken ct)
    {
        byte[] body = await _http.GetByteArrayAsync(new Uri(url), ct).ConfigureAwait(false);
        return JsonDocument.Parse(body);
    }

    public void Dispose() => _http.Dispose();
}
