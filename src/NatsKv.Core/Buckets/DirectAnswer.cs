namespace NatsKv.Buckets;

/// <summary>What a direct get has brought.</summary>
internal enum DirectAnswer
{
    /// <summary>The result.</summary>
    Taken = 0,

    /// <summary>Nobody has answered.</summary>
    None = 1,

    /// <summary>A replica has answered that lags behind what this process knows.</summary>
    Outdated = 2,
}
