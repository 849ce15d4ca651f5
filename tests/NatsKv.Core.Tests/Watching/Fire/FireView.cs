using System.Text;

namespace NatsKv.Tests.Watching.Fire;

/// <summary>What a watch tells, kept as a user would keep it; and every promise that it breaks on the way.</summary>
internal sealed class FireView : INatsKvWatchHandler
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (ulong Revision, bool IsMarker, string Value)> _entries = new(StringComparer.Ordinal);
    private readonly List<string> _broken = [];
    private readonly List<string> _interruptions = [];
    private bool _isComplete;
    private int _calls;
    private ulong _last;
    private long _count;
    private int _resets;

    /// <summary>How many entries have come.</summary>
    public long Entries => Read(() => _count);

    /// <summary>How often everything was void.</summary>
    public int Resets => Read(() => _resets);

    public bool IsComplete => Read(() => _isComplete);

    /// <summary>Whether there is anything that could become void.</summary>
    public bool HoldsAnything => Read(() => _entries.Count > 0);

    public IReadOnlyList<string> Broken => Read(() => _broken.ToArray());

    public IReadOnlyList<string> Interruptions => Read(() => _interruptions.ToArray());

    /// <summary>The keys that have a value, as this view sees them, each with revision and value.</summary>
    public IReadOnlyDictionary<string, string> Live() => Read(() =>
        _entries.Where(static pair => !pair.Value.IsMarker).ToDictionary(static pair => pair.Key, static pair => $"@{pair.Value.Revision} {pair.Value.Value}"));

    public void OnEntry(NatsKvEntryView entry)
    {
        Enter();
        lock (_lock)
        {
            // Over all keys there is one order, the server's; so there is one for each key.
            if (entry.Revision <= _last)
            {
                _broken.Add($"{entry.Key}: revision {entry.Revision} came after {_last}");
            }

            _count++;
            _last = entry.Revision;
            _entries[entry.Key] = (entry.Revision, entry.Operation != NatsKvOperation.Put, Encoding.UTF8.GetString(entry.Value));
        }

        Leave();
    }

    public void OnInitialDataComplete()
    {
        Enter();
        lock (_lock)
        {
            if (_isComplete)
            {
                _broken.Add("the initial data was complete twice");
            }

            _isComplete = true;
        }

        Leave();
    }

    public void OnReset()
    {
        Enter();
        lock (_lock)
        {
            _resets++;
            _last = 0;
            _entries.Clear();
            _isComplete = false;
        }

        Leave();
    }

    public void OnInterrupted(Exception cause)
    {
        lock (_lock)
        {
            _interruptions.Add($"{cause.GetType().Name}: {cause.Message}");
        }
    }

    private void Enter()
    {
        if (Interlocked.Exchange(ref _calls, 1) != 0)
        {
            lock (_lock)
            {
                _broken.Add("the handler was called twice at a time");
            }
        }
    }

    private void Leave() => Volatile.Write(ref _calls, 0);

    private T Read<T>(Func<T> read)
    {
        lock (_lock)
        {
            return read();
        }
    }
}
