using System.Collections.Concurrent;

namespace NatsKv.Views;

/// <summary>
/// What a view holds. One thread at a time writes, any number read. While initial data is on its way it is gathered aside, so that readers
/// see the whole old content or the whole new one.
/// </summary>
internal sealed class ViewContent(Action<NatsKvViewChange>? onChange) : INatsKvWatchHandler
{
    private const int OneWriter = 1;
    private const int InitialCapacity = 31;

    private ConcurrentDictionary<string, NatsKvEntry> _current = NewDictionary();
    private ConcurrentDictionary<string, NatsKvEntry>? _next = NewDictionary();

    /// <summary>The content at this moment; it goes on changing until the next reset.</summary>
    public ConcurrentDictionary<string, NatsKvEntry> Current => Volatile.Read(ref _current);

    public void OnEntry(NatsKvEntryView entry)
    {
        bool isPut = entry.Operation == NatsKvOperation.Put;
        if (_next is { } next)
        {
            if (isPut)
            {
                next[entry.Key] = entry.ToEntry();
            }
            else
            {
                next.TryRemove(entry.Key, out _);
            }

            return;
        }

        NatsKvEntry? after = isPut ? entry.ToEntry() : null;
        NatsKvEntry? before;
        if (after is not null)
        {
            _current.TryGetValue(entry.Key, out before);
            _current[entry.Key] = after;
        }
        else if (!_current.TryRemove(entry.Key, out before))
        {
            return;
        }

        onChange?.Invoke(new NatsKvViewChange(entry.Key, before, after));
    }

    public void OnInitialDataComplete()
    {
        if (_next is { } next)
        {
            ConcurrentDictionary<string, NatsKvEntry> old = _current;
            _next = null;
            Volatile.Write(ref _current, next);
            if (onChange is not null)
            {
                Tell(old, next, onChange);
            }
        }
    }

    public void OnReset() => _next = NewDictionary();

    public void OnInterrupted(Exception cause)
    {
        // The watch's status tells.
    }

    private static void Tell(
        ConcurrentDictionary<string, NatsKvEntry> old, ConcurrentDictionary<string, NatsKvEntry> next, Action<NatsKvViewChange> onChange)
    {
        foreach ((string key, NatsKvEntry before) in old)
        {
            if (!next.ContainsKey(key))
            {
                onChange(new NatsKvViewChange(key, before, null));
            }
        }

        foreach ((string key, NatsKvEntry after) in next)
        {
            // A bucket that was made anew numbers its revisions anew.
            if (!old.TryGetValue(key, out NatsKvEntry? before) || before.Revision != after.Revision || before.Created != after.Created)
            {
                onChange(new NatsKvViewChange(key, before, after));
            }
        }
    }

    private static ConcurrentDictionary<string, NatsKvEntry> NewDictionary() => new(OneWriter, InitialCapacity, StringComparer.Ordinal);
}
