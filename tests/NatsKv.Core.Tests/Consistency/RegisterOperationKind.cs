namespace NatsKv.Tests.Consistency;

/// <summary>What a client asked of a key.</summary>
internal enum RegisterOperationKind
{
    /// <summary>The latest revision, by the leader's word.</summary>
    Read = 0,

    /// <summary>A put or a delete, whatever is there.</summary>
    Write = 1,

    /// <summary>A put or a delete if the latest revision is still the expected one.</summary>
    CompareAndSet = 2,

    /// <summary>A put if there is no value.</summary>
    Create = 3,
}
