namespace NatsKv.Tests.Fakes;

/// <summary>
/// A watch of a <see cref="DictionaryBucket"/>. Other than a real one it calls its handler on the thread that writes, before the write
/// returns: a test has nothing to wait for.
/// </summary>
public sealed class DictionaryWatch(INatsKvWatchHandler handler, NatsKvWatchOptions options, Action<DictionaryWatch> onDispose) : INatsKvWatch
{
    public NatsKvWatchState State => Status.State;

    public ulong LastRevision => Status.LastRevision;

    public NatsKvWatchStatus Status { get; private set; } = new();

    public static NatsKvEntryView View(NatsKvEntry entry) => new()
    {
        Bucket = entry.Bucket,
        Key = entry.Key,
        Value = entry.Value.Span,
        Revision = entry.Revision,
        Created = entry.Created,
        Operation = entry.Operation,
        Size = entry.Size,
    };

    public static bool Matches(string filter, string key)
    {
        string[] wanted = filter.Split('.');
        string[] tokens = key.Split('.');
        for (int i = 0; i < wanted.Length && i < tokens.Length; i++)
        {
            if (wanted[i] == ">")
            {
                return true;
            }

            if (wanted[i] != "*" && wanted[i] != tokens[i])
            {
                return false;
            }
        }

        return wanted.Length == tokens.Length;
    }

    public void Begin(IEnumerable<NatsKvEntry> entries)
    {
        NatsKvEntry[] all = options.UpdatesOnly ? [] : [.. entries.Where(entry => entry.Revision >= (options.FromRevision ?? 0))];
        bool hasHistory = options.IncludeHistory || options.FromRevision is not null;
        foreach (NatsKvEntry entry in all.Where(entry => hasHistory || entry == all.Last(other => other.Key == entry.Key)))
        {
            Tell(entry);
        }

        Status = Status with { State = NatsKvWatchState.Following };
        handler.OnInitialDataComplete();
    }

    public void Tell(NatsKvEntry entry)
    {
        if (options.Filters.Any(filter => Matches(filter, entry.Key)) && !(options.IgnoreDeletes && entry.Operation != NatsKvOperation.Put))
        {
            handler.OnEntry(View(entry));
        }

        Status = Status with { LastRevision = entry.Revision };
    }

    public ValueTask<NatsKvWatchStatus> WaitForStateAsync(NatsKvWatchState state, CancellationToken cancellationToken = default) => new(Status);

    public ValueTask WaitForRevisionAsync(ulong revision, CancellationToken cancellationToken = default) => default;

    public void Dispose()
    {
        Status = Status with { State = NatsKvWatchState.Stopped };
        onDispose(this);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }
}
