namespace NatsKv.Benchmarks.Wire;

/// <summary>What a server sends.</summary>
internal static class SampleFrames
{
    public const string StoredHeaders =
        "NATS/1.0\r\nNats-Stream: KV_bench\r\nNats-Subject: $KV.bench.bench.key.0000001\r\nNats-Sequence: 123456\r\n"
        + "Nats-Time-Stamp: 2026-11-20T19:30:00.123456789Z\r\n\r\n";
}
