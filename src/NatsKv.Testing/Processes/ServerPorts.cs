using System.Text.Json;

namespace NatsKv.Testing.Processes;

/// <summary>The ports that a server chose, as its ports file tells them.</summary>
internal sealed record ServerPorts(int Client, int Monitoring, int? Cluster)
{
    /// <summary>Reads the ports file of a process, if it is there and complete.</summary>
    public static ServerPorts? TryRead(string folder, int processId)
    {
        try
        {
            string? file = Directory.EnumerateFiles(folder, $"*_{processId}.ports").FirstOrDefault();
            return file is null ? null : Parse(File.ReadAllText(file));
        }
        catch (Exception error) when (error is IOException or JsonException)
        {
            // The server is just writing it.
            return null;
        }
    }

    public static ServerPorts? Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return PortOf(document, "nats") is { } client && PortOf(document, "monitoring") is { } monitoring
            ? new ServerPorts(client, monitoring, PortOf(document, "cluster"))
            : null;
    }

    // {"nats":["nats://127.0.0.1:41971"],"monitoring":["http://127.0.0.1:41303"],"cluster":["nats://127.0.0.1:38633"]}
    private static int? PortOf(JsonDocument document, string kind) =>
        document.RootElement.TryGetProperty(kind, out JsonElement urls) && urls.GetArrayLength() > 0 &&
        Uri.TryCreate(urls[0].GetString(), UriKind.Absolute, out Uri? url)
            ? url.Port
            : null;
}
