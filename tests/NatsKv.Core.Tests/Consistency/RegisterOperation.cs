namespace NatsKv.Tests.Consistency;

/// <summary>One operation on one key as its client saw it.</summary>
internal sealed record RegisterOperation
{
    public required RegisterOperationKind Kind { get; init; }

    public RegisterOutcome Outcome { get; init; }

    /// <summary>When it was asked for.</summary>
    public required long Start { get; init; }

    /// <summary>When the client was told; of no importance for an unknown outcome.</summary>
    public required long End { get; init; }

    /// <summary>A write's own name, unlike any other's, which is stored with it.</summary>
    public long Write { get; init; }

    /// <summary>Whether the write leaves the key without a value.</summary>
    public bool IsMarker { get; init; }

    /// <summary>What a compare-and-set expects.</summary>
    public ulong Expected { get; init; }

    /// <summary>The revision that was read or stored; 0 for a read that found nothing.</summary>
    public ulong Revision { get; init; }

    /// <summary>The name of the write that a read found.</summary>
    public long Found { get; init; }
}
