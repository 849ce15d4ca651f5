namespace NatsKv.Caching.Entries;

/// <summary>What a caller wants of an entry.</summary>
internal enum EntryReading
{
    /// <summary>Its value in an array of its own.</summary>
    Array = 0,

    /// <summary>Its value in a pooled buffer, to be copied on.</summary>
    Pooled = 1,

    /// <summary>Only to know whether it must be touched.</summary>
    Refresh = 2,
}
