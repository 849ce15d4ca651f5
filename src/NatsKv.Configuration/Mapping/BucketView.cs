using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace NatsKv.Configuration.Mapping;

/// <summary>
/// What a bucket holds, kept by bucket key and flattened on demand: several bucket keys can mean one configuration key (their case differs,
/// or one contains a colon), the newest revision is shown, and deleting it brings back the one that it hid.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class BucketView(KeyMap map)
{
    // What a server says is not worth more memory than this before it is true.
    private const ulong MostExpected = 1 << 17;

    private readonly Dictionary<string, ViewEntry> _byKey = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ViewEntry?> _shown = new(StringComparer.OrdinalIgnoreCase);
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
        if (_byKey.Count == 0 && entry.Delta > 0)
        {
            // The first of many says how many more there are.
            int expected = (int)Math.Min(entry.Delta + 1, MostExpected);
            _byKey.EnsureCapacity(expected);
            _shown.EnsureCapacity(expected);
        }

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
            foreach ((string key, ViewEntry? entry) in _shown)
            {
                items[i++] = new ViewChange(key, entry!.Value, Removed: false);
            }
        }
        else
        {
            items = new ViewChange[_touched.Count];
            foreach (string key in _touched)
            {
                items[i++] = _shown.TryGetValue(key, out ViewEntry? entry)
                    ? new ViewChange(key, entry!.Value, Removed: false)
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

        ref ViewEntry? shown = ref CollectionsMarshal.GetValueRefOrAddDefault(_shown, key, out _);
        string? valueBefore = shown?.Value;
        if (known is null)
        {
            known = new ViewEntry(entry.Key, key);
            _byKey.Add(entry.Key, known);
        }
        else
        {
            Unlink(ref shown, known);
        }

        known.Value = value;
        known.Revision = entry.Revision;
        Link(ref shown, known);
        return Touch(key, valueBefore, shown);
    }

    private ApplyResult Remove(ViewEntry? known)
    {
        if (known is null)
        {
            return ApplyResult.Unchanged;
        }

        string key = known.ConfigurationKey;
        ref ViewEntry? shown = ref CollectionsMarshal.GetValueRefOrAddDefault(_shown, key, out _);
        string? valueBefore = shown!.Value;
        _byKey.Remove(known.Key);
        Unlink(ref shown, known);
        ApplyResult result = Touch(key, valueBefore, shown);
        if (shown is null)
        {
            _shown.Remove(key);
        }

        return result;
    }

    private ApplyResult Touch(string key, string? before, ViewEntry? after)
    {
        if (string.Equals(before, after?.Value, StringComparison.Ordinal))
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

    private static void Link([NotNull] ref ViewEntry? shown, ViewEntry entry)
    {
        if (shown is null || shown.Revision < entry.Revision)
        {
            entry.Older = shown;
            shown = entry;
            return;
        }

        ViewEntry newer = shown;
        while (newer.Older is { } next && next.Revision > entry.Revision)
        {
            newer = next;
        }

        entry.Older = newer.Older;
        newer.Older = entry;
    }

    private static void Unlink(ref ViewEntry? shown, ViewEntry entry)
    {
        if (shown == entry)
        {
            shown = entry.Older;
        }
        else
        {
            ViewEntry newer = shown!;
            while (newer.Older != entry)
            {
                newer = newer.Older!;
            }

            newer.Older = entry.Older;
        }

        entry.Older = null;
    }
}
