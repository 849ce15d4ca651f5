namespace NatsKv.Configuration.Mapping;

/// <summary>
/// What a bucket holds, kept by bucket key and flattened on demand: several bucket keys can mean one configuration key (their case differs,
/// or one contains a colon), the newest revision is shown, and deleting it brings back the one that it hid.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class BucketView(KeyMap map)
{
    private readonly Dictionary<string, ViewEntry> _byKey = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ViewEntry> _shown = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _touched = new(StringComparer.OrdinalIgnoreCase);
    private bool _whole = true;

    /// <summary>Whether the content is complete; before that nobody may see it.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>How many bucket keys are hidden behind another one now.</summary>
    public int Hidden => _byKey.Count - _shown.Count;

    public void Complete() => IsComplete = true;

    /// <summary>Forgets everything; what follows is another content, to be compared with the old one as a whole.</summary>
    public void Clear()
    {
        _byKey.Clear();
        _shown.Clear();
        _touched.Clear();
        _whole = true;
        IsComplete = false;
    }

    public ApplyResult Apply(NatsKvEntryView entry)
    {
        _byKey.TryGetValue(entry.Key, out ViewEntry? known);
        if (known is not null && entry.Revision <= known.Revision)
        {
            return ApplyResult.Unchanged;
        }

        // The operation decides, never the payload: an empty value is a value.
        return entry.Operation == NatsKvOperation.Put ? Put(entry, known) : Remove(known);
    }

    /// <summary>What has changed since the last call; the first time, and after <see cref="Clear"/>, everything.</summary>
    public ViewChanges TakeChanges()
    {
        ViewChange[] items;
        bool whole = _whole;
        int i = 0;
        if (whole)
        {
            items = new ViewChange[_shown.Count];
            foreach ((string key, ViewEntry entry) in _shown)
            {
                items[i++] = new ViewChange(key, entry.Value, Removed: false);
            }
        }
        else
        {
            items = new ViewChange[_touched.Count];
            foreach (string key in _touched)
            {
                items[i++] = _shown.TryGetValue(key, out ViewEntry? entry)
                    ? new ViewChange(key, entry.Value, Removed: false)
                    : new ViewChange(key, null, Removed: true);
            }
        }

        _touched.Clear();
        _whole = false;
        return new ViewChanges(whole, items);
    }

    private ApplyResult Put(NatsKvEntryView entry, ViewEntry? known)
    {
        string? key = known?.ConfigurationKey ?? map.ToConfigurationKey(entry.Key);
        if (key is null)
        {
            return ApplyResult.Unchanged;
        }

        if (!ValueCodec.TryDecode(entry.Value, out string value))
        {
            return ApplyResult.Rejected;
        }

        string? before = ShownValue(key);
        if (known is null)
        {
            known = new ViewEntry(entry.Key, key);
            _byKey.Add(entry.Key, known);
        }
        else
        {
            Unlink(known);
        }

        known.Value = value;
        known.Revision = entry.Revision;
        Link(known);
        return Touch(key, before);
    }

    private ApplyResult Remove(ViewEntry? known)
    {
        if (known is null)
        {
            return ApplyResult.Unchanged;
        }

        string? before = ShownValue(known.ConfigurationKey);
        _byKey.Remove(known.Key);
        Unlink(known);
        return Touch(known.ConfigurationKey, before);
    }

    private string? ShownValue(string key) => _shown.TryGetValue(key, out ViewEntry? entry) ? entry.Value : null;

    private ApplyResult Touch(string key, string? before)
    {
        if (string.Equals(before, ShownValue(key), StringComparison.Ordinal))
        {
            return ApplyResult.Unchanged;
        }

        // Before the first look everything counts as changed anyway.
        if (!_whole)
        {
            _touched.Add(key);
        }

        return ApplyResult.Changed;
    }

    private void Link(ViewEntry entry)
    {
        if (!_shown.TryGetValue(entry.ConfigurationKey, out ViewEntry? newer) || newer.Revision < entry.Revision)
        {
            entry.Older = newer;
            _shown[entry.ConfigurationKey] = entry;
            return;
        }

        while (newer.Older is { } next && next.Revision > entry.Revision)
        {
            newer = next;
        }

        entry.Older = newer.Older;
        newer.Older = entry;
    }

    private void Unlink(ViewEntry entry)
    {
        ViewEntry head = _shown[entry.ConfigurationKey];
        if (head == entry)
        {
            if (entry.Older is { } older)
            {
                _shown[entry.ConfigurationKey] = older;
            }
            else
            {
                _shown.Remove(entry.ConfigurationKey);
            }
        }
        else
        {
            while (head.Older != entry)
            {
                head = head.Older!;
            }

            head.Older = entry.Older;
        }

        entry.Older = null;
    }
}
