namespace NatsKv.Configuration.Mapping;

/// <summary>What an entry did to a view.</summary>
internal enum ApplyResult
{
    /// <summary>Nothing that a reader of the configuration could see.</summary>
    Unchanged,

    /// <summary>A configuration key has another value, came or went.</summary>
    Changed,

    /// <summary>The value is not text; the key keeps its last good one.</summary>
    Rejected,
}
