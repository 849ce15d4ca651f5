namespace NatsKv;

/// <summary>What a watch follows and how it starts.</summary>
public sealed record NatsKvWatchOptions
{
    /// <summary>The keys to follow; <c>*</c> stands for one token and a closing <c>></c> for the rest. A filter that another covers is dropped.</summary>
    /// <value>The default is all keys.</value>
    public IReadOnlyList<string> Filters { get; init; } = [">"];

    /// <summary>Don't transfer values, only keys, revisions, operations and headers.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool HeadersOnly { get; init; }

    /// <summary>Leave out delete and purge markers and expiries.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool IgnoreDeletes { get; init; }

    /// <summary>Start with every kept revision of each key instead of only its latest.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool IncludeHistory { get; init; }

    /// <summary>Start with the next change instead of what is there.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool UpdatesOnly { get; init; }

    /// <summary>How often the server says that it has nothing to say; silence for twice as long restarts the watch.</summary>
    /// <value>The default is 5 seconds; at least 100 milliseconds.</value>
    public TimeSpan IdleHeartbeat { get; init; } = TimeSpan.FromSeconds(5);
}
