using NatsKv.JetStream;
using NatsKv.Keys;

namespace NatsKv.Watching;

/// <summary>A watch's options, validated and in the form that the server wants.</summary>
internal sealed record WatchPlan(string[] Filters, string DeliverPolicy, bool HeadersOnly, bool IgnoreDeletes, TimeSpan IdleHeartbeat)
{
    public const string LatestOfEachKey = "last_per_subject";
    public const string Everything = "all";
    public const string NewOnly = "new";
    public const string FromSequence = "by_start_sequence";

    // The server compares each filter with each other: 500 take it 0.03 s, 5,000 take 3 s. And a request must not grow too large for it.
    private const int MostServerFilters = 256;
    private const int MostServerFilterCharacters = 64 * 1024;

    private static readonly TimeSpan ShortestHeartbeat = TimeSpan.FromMilliseconds(100);
    private static readonly Version FirstWithSeveralFilters = new(2, 10);

    private string[]? _around;

    /// <summary>Where a watch from a revision on begins.</summary>
    public ulong? FromRevision { get; init; }

    /// <summary>Whether only the initial data is wanted, of one and the same bucket: then a failure is told instead of being waited out.</summary>
    public bool IsFinite { get; init; }

    /// <summary>The server of the cluster that the consumer must read from, if it matters; the first one that the cluster places elsewhere is a failure.</summary>
    public string? Node { get; init; }

    /// <summary>
    /// What a delivered key must match too, where there is more than one filter: more may have been asked of the server than is wanted, and
    /// one before 2.10, wherever in the cluster it is, ignores several filters without a word.
    /// </summary>
    public KeyFilter? Narrow { get; } = Filters.Length > 1 ? new KeyFilter(Filters) : null;

    /// <summary>Whether the watch is a view of the bucket's present content, which can be given anew from the start.</summary>
    public bool IsView => DeliverPolicy == LatestOfEachKey;

    public static WatchPlan From(NatsKvWatchOptions options, NatsKvKeyValidation validation = NatsKvKeyValidation.Strict)
    {
        if (new[] { options.IncludeHistory, options.UpdatesOnly, options.FromRevision is not null }.Count(static isSet => isSet) > 1)
        {
            throw new ArgumentException(
                "A watch can't both include the history and give updates only, or begin at a revision. Set one of IncludeHistory and UpdatesOnly and FromRevision.",
                nameof(options));
        }

        if (options.FromRevision == 0)
        {
            throw new ArgumentException("FromRevision is 0; the first revision of a bucket is 1. Leave it out to begin with what is there.", nameof(options));
        }

        if (options.IdleHeartbeat < ShortestHeartbeat)
        {
            throw new ArgumentException($"IdleHeartbeat is {options.IdleHeartbeat}; the server takes {ShortestHeartbeat.TotalMilliseconds} ms or more.", nameof(options));
        }

        if (options.IdleHeartbeat.TotalMilliseconds > int.MaxValue)
        {
            throw new ArgumentException($"IdleHeartbeat is {options.IdleHeartbeat}; 24 days are the most.", nameof(options));
        }

        string policy = options switch
        {
            { IncludeHistory: true } => Everything,
            { UpdatesOnly: true } => NewOnly,
            { FromRevision: not null } => FromSequence,
            _ => LatestOfEachKey,
        };
        return new WatchPlan(FilterSet.Normalize(options.Filters, validation), policy, options.HeadersOnly, options.IgnoreDeletes, options.IdleHeartbeat)
        {
            FromRevision = options.FromRevision,
            IsFinite = options.IsFinite,
        };
    }

    /// <summary>Whether a delivered key is one of those asked for.</summary>
    public bool Covers(string key) => Narrow is null || Narrow.Matches(key);

    /// <summary>What to ask a server for: the filters, or one around them where they are too many or it is too old.</summary>
    /// <param name="server">What the server says of itself.</param>
    public string[] ServerFilters(NatsKvServerInfo? server) =>
        Filters.Length == 1
        || (Filters.Length <= MostServerFilters
            && Filters.Sum(static filter => filter.Length) <= MostServerFilterCharacters
            && !ServerAge.IsBefore(server, FirstWithSeveralFilters))
            ? Filters
            : _around ??= [FilterSet.Around(Filters)];
}
