namespace NatsKv;

/// <summary>What a revision of a key records.</summary>
public enum NatsKvOperation
{
    /// <summary>A value was stored.</summary>
    Put = 0,

    /// <summary>The key was deleted; older revisions stay in the history (ADR-8, <c>KV-Operation: DEL</c>).</summary>
    Delete = 1,

    /// <summary>
    /// The key and its history were removed, by a client (ADR-8, <c>KV-Operation: PURGE</c>) or by the server when the value
    /// expired (ADR-43, <c>Nats-Marker-Reason: MaxAge</c>).
    /// </summary>
    Purge = 2,
}
