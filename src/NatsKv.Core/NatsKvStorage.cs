namespace NatsKv;

/// <summary>Where a bucket keeps its data.</summary>
public enum NatsKvStorage
{
    /// <summary>On disk; survives a restart of the server.</summary>
    File = 0,

    /// <summary>In memory; faster, gone with the server (or, replicated, with its last replica).</summary>
    Memory = 1,
}
