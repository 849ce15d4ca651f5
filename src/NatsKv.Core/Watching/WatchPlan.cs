using NatsKv.Keys;

namespace NatsKv.Watching;

/// <summary>A watch's options, validated and in the form that the server wants.</summary>
internal sealed record WatchPlan(string[] Filters, string DeliverPolicy, bool HeadersOnly, bool IgnoreDeletes, TimeSpan IdleHeartbeat)
{
    public const string LatestOfEachKey = "last_per_subject";
    public const string Everything = "all";
    public const string NewOnly = "new";

    private static readonly TimeSpan ShortestHeartbeat = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether only the initial data is wanted.</summary>
    public bool IsFinite { get; init; }

    /// <summary>Whether the watch is a view of the bucket's present content, which can be given anew from the start.</summary>
    public bool IsView => DeliverPolicy == LatestOfEachKey;

    public static WatchPlan From(NatsKvWatchOptions options)
    {
        if (options is { IncludeHistory: true, UpdatesOnly: true })
        {
            throw new ArgumentException("A watch can't both include the history and give updates only. Set one of IncludeHistory and UpdatesOnly.", nameof(options));
        }

        if (options.IdleHeartbeat < ShortestHeartbeat)
        {
            throw new ArgumentException($"IdleHeartbeat is {options.IdleHeartbeat}; the server takes {ShortestHeartbeat.TotalMilliseconds} ms or more.", nameof(options));
        }

        if (options.IdleHeartbeat.TotalMilliseconds > int.MaxValue)
        {
            throw new ArgumentException($"IdleHeartbeat is {options.IdleHeartbeat}; 24 days are the most.", nameof(options));
        }

        string policy = options.IncludeHistory ? Everything : options.UpdatesOnly ? NewOnly : LatestOfEachKey;
        return new WatchPlan(FilterSet.Normalize(options.Filters), policy, options.HeadersOnly, options.IgnoreDeletes, options.IdleHeartbeat);
    }
}
