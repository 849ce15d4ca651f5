using System.Text.Json;
using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>What we send and read of a stream's configuration. Times are nanoseconds; -1 means no limit.</summary>
internal sealed class StreamConfigDocument
{
    [JsonPropertyName("name")]
    public string Name { get; init; } = "";

    [JsonPropertyName("description")]
    public string? Description { get; init; }

    [JsonPropertyName("subjects")]
    public string[]? Subjects { get; init; }

    /// <summary>Where a mirror gets its messages from; only read, to recognize one.</summary>
    [JsonPropertyName("mirror")]
    public JsonElement? Mirror { get; init; }

    [JsonPropertyName("retention")]
    public string Retention { get; init; } = "limits";

    [JsonPropertyName("storage")]
    public string Storage { get; init; } = "file";

    [JsonPropertyName("num_replicas")]
    public int Replicas { get; init; } = 1;

    [JsonPropertyName("max_consumers")]
    public int MaxConsumers { get; init; } = -1;

    [JsonPropertyName("max_msgs")]
    public long MaxMessages { get; init; } = -1;

    [JsonPropertyName("max_msgs_per_subject")]
    public long MaxMessagesPerSubject { get; init; } = 1;

    [JsonPropertyName("max_bytes")]
    public long MaxBytes { get; init; } = -1;

    [JsonPropertyName("max_msg_size")]
    public int MaxMessageSize { get; init; } = -1;

    [JsonPropertyName("max_age")]
    public long MaxAge { get; init; }

    [JsonPropertyName("duplicate_window")]
    public long DuplicateWindow { get; init; }

    [JsonPropertyName("discard")]
    public string Discard { get; init; } = "new";

    [JsonPropertyName("deny_delete")]
    public bool DenyDelete { get; init; }

    [JsonPropertyName("allow_rollup_hdrs")]
    public bool AllowRollup { get; init; }

    [JsonPropertyName("allow_direct")]
    public bool AllowDirect { get; init; }

    [JsonPropertyName("compression")]
    public string? Compression { get; init; }

    [JsonPropertyName("allow_msg_ttl")]
    public bool? AllowMessageTtl { get; init; }

    [JsonPropertyName("subject_delete_marker_ttl")]
    public long? SubjectDeleteMarkerTtl { get; init; }
}
