namespace NatsKv.Watching;

/// <summary>What has become of a stream between two moments.</summary>
internal enum Continuity
{
    /// <summary>Nothing was written and nothing removed.</summary>
    Same = 0,

    /// <summary>Something was written, and nothing that was there before is gone.</summary>
    Grown = 1,

    /// <summary>Something is gone: overwritten, or removed with or without a trace.</summary>
    Doubtful = 2,

    /// <summary>It is another stream, or it was set back: what was handed over means nothing any more.</summary>
    Void = 3,
}
