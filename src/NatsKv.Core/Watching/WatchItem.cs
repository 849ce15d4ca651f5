namespace NatsKv.Watching;

/// <summary>What the engine hands over next; an entry is valid until it is asked for the one after it.</summary>
internal readonly ref struct WatchItem
{
    public WatchItem(NatsKvWatchEventKind kind) => Kind = kind;

    public WatchItem(NatsKvEntryView entry)
    {
        Kind = NatsKvWatchEventKind.Entry;
        Entry = entry;
    }

    public NatsKvWatchEventKind Kind { get; }

    public NatsKvEntryView Entry { get; }

    public NatsKvWatchEvent ToEvent() => new(Kind, Kind == NatsKvWatchEventKind.Entry ? Entry.ToEntry() : null);
}
