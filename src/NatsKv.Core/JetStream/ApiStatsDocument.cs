using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>What JetStream can do.</summary>
internal sealed class ApiStatsDocument
{
    /// <summary>The API level of the servers that run JetStream, which the one that we are connected to need not be; 0 before 2.11.</summary>
    [JsonPropertyName("level")]
    public int Level { get; init; }
}
