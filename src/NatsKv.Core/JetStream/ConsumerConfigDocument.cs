using System.Text.Json.Serialization;

namespace NatsKv.JetStream;

/// <summary>The ordered push consumer under a watch; without a deliver subject, one that is only asked where it would begin.</summary>
internal sealed class ConsumerConfigDocument
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("deliver_policy")]
    public required string DeliverPolicy { get; init; }

    [JsonPropertyName("opt_start_seq")]
    public ulong? StartSequence { get; init; }

    [JsonPropertyName("opt_start_time")]
    public DateTimeOffset? StartTime { get; init; }

    [JsonPropertyName("deliver_subject")]
    public required string? DeliverSubject { get; init; }

    [JsonPropertyName("filter_subject")]
    public string? FilterSubject { get; init; }

    [JsonPropertyName("filter_subjects")]
    public string[]? FilterSubjects { get; init; }

    [JsonPropertyName("headers_only")]
    public bool? HeadersOnly { get; init; }

    [JsonPropertyName("idle_heartbeat")]
    public required long? IdleHeartbeat { get; init; }

    [JsonPropertyName("inactive_threshold")]
    public required long InactiveThreshold { get; init; }

    [JsonPropertyName("ack_policy")]
    public string AckPolicy { get; init; } = "none";

    [JsonPropertyName("ack_wait")]
    public long? AckWait { get; init; } = 79_200_000_000_000;

    [JsonPropertyName("replay_policy")]
    public string ReplayPolicy { get; init; } = "instant";

    [JsonPropertyName("max_deliver")]
    public int? MaxDeliver { get; init; } = 1;

    [JsonPropertyName("flow_control")]
    public bool? FlowControl { get; init; } = true;

    [JsonPropertyName("mem_storage")]
    public bool MemoryStorage { get; init; } = true;

    [JsonPropertyName("num_replicas")]
    public int Replicas { get; init; } = 1;
}
