namespace NatsKv.Tests.Consistency;

/// <summary>What a client was told of its operation.</summary>
internal enum RegisterOutcome
{
    /// <summary>It was done: read, or stored.</summary>
    Done = 0,

    /// <summary>Somebody else was faster; nothing was stored.</summary>
    Lost = 1,

    /// <summary>Nothing: a write that may have been stored, and may be yet.</summary>
    Unknown = 2,
}
