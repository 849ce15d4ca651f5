namespace NatsKv.Configuration.Publishing;

/// <summary>
/// Tells whether an atomic batch (ADR-50) is under way after an entry: its messages stand next to each other in the stream, so the last part,
/// a part of another batch or an entry without one ends it.
/// </summary>
internal static class BatchPolicy
{
    public static bool IsOpenAfter(NatsKvHeaderBlock headers) =>
        headers.TryGet("Nats-Batch-Id"u8, out _) && !headers.TryGet("Nats-Batch-Commit"u8, out _);
}
