namespace NatsKv;

/// <summary>What a watch follows and how it starts.</summary>
public sealed record NatsKvWatchOptions
{
    /// <summary>The keys to follow; <c>*</c> stands for one token and a closing <c>></c> for the rest. A filter that another covers is dropped.</summary>
    /// <remarks>
    /// Up to 256 filters are the server's to apply, and one of any length. With more, and on a server before 2.10 with more than one, the
    /// server sends what the filters' first tokens have in common, and the client leaves out what none of them matches.
    /// </remarks>
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

    /// <summary>
    /// Start with this revision, if it is kept: every kept revision from there on that matches, then every change. Exclusive with
    /// <see cref="IncludeHistory"/> and <see cref="UpdatesOnly"/>. A bucket that has not come that far, because it was set back or made anew,
    /// is reported by a <see cref="NatsKvWatchEventKind.Reset"/>, and then the latest revision of each key follows. One that was made anew and
    /// has passed the revision again can't be told from the old one.
    /// </summary>
    /// <value>The default is <see langword="null"/>; at least 1.</value>
    public ulong? FromRevision { get; init; }

    /// <summary>How often the server says that it has nothing to say; silence for twice as long restarts the watch.</summary>
    /// <value>The default is 5 seconds; at least 100 milliseconds.</value>
    public TimeSpan IdleHeartbeat { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Only the initial data is wanted, of one and the same bucket: a failure is thrown instead of being waited out.</summary>
    internal bool IsFinite { get; init; }
}
