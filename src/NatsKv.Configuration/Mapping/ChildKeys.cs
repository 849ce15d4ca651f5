using Microsoft.Extensions.Configuration;

namespace NatsKv.Configuration.Mapping;

/// <summary>
/// The direct children of each section, so that binding one costs what the section holds and not what the bucket holds. Made from all keys at
/// once, when somebody first asks; it never changes, and the next one, after some keys came or went, shares all sets that are the same.
/// </summary>
internal sealed class ChildKeys
{
    private const char Delimiter = ':';

    private const int MostChanges = 64;

    private readonly Dictionary<string, HashSet<string>> _children;
    private readonly HashSet<string> _roots;

    public ChildKeys(IEnumerable<KeyValuePair<string, string?>> data)
    {
        _children = new Dictionary<string, HashSet<string>>(StringComparer.OrdinalIgnoreCase);
        _roots = NewSet();
        Dictionary<string, HashSet<string>>.AlternateLookup<ReadOnlySpan<char>> byParent = _children.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach ((string key, _) in data)
        {
            Add(_roots, Segment(key, 0));
            for (int at = key.IndexOf(Delimiter, StringComparison.Ordinal); at >= 0; at = key.IndexOf(Delimiter, at + 1))
            {
                ReadOnlySpan<char> parent = key.AsSpan(0, at);
                if (!byParent.TryGetValue(parent, out HashSet<string>? children))
                {
                    byParent[parent] = children = NewSet();
                }

                Add(children, Segment(key, at + 1));
            }
        }
    }

    private ChildKeys(HashSet<string> roots, Dictionary<string, HashSet<string>> children)
    {
        _children = children;
        _roots = roots;
    }

    /// <summary>The index after some keys came or went.</summary>
    /// <param name="changes">Which.</param>
    /// <param name="isKey">Whether there is such a key afterwards.</param>
    /// <returns>The next index, or <see langword="null"/> after so many changes that it is better made anew.</returns>
    public ChildKeys? Next(IReadOnlyList<ViewChange> changes, Func<string, bool> isKey)
    {
        if (changes.Count > MostChanges)
        {
            return null;
        }

        var next = new ChildKeys(
            new HashSet<string>(_roots, StringComparer.OrdinalIgnoreCase), new Dictionary<string, HashSet<string>>(_children, StringComparer.OrdinalIgnoreCase));
        foreach (ViewChange change in changes)
        {
            if (change.Removed)
            {
                next.Remove(change.Key, isKey);
            }
            else
            {
                next.Insert(change.Key);
            }
        }

        return next;
    }

    /// <summary>The next segments below a path, each once, in no order.</summary>
    /// <param name="parent">The path; <see langword="null"/> for the top.</param>
    public IReadOnlyCollection<string> Of(string? parent) =>
        SetOf(parent) ?? (IReadOnlyCollection<string>)[];

    /// <summary>What <see cref="ConfigurationProvider.GetChildKeys"/> promises: these and the other providers', in the order of configuration keys.</summary>
    public IEnumerable<string> Merge(IEnumerable<string> earlierKeys, string? parent)
    {
        List<string> keys = [.. Of(parent), .. earlierKeys];
        keys.Sort(ConfigurationKeyComparer.Instance.Compare);
        return keys;
    }

    private void Insert(string key)
    {
        for (int start = 0; start >= 0;)
        {
            string? parent = start == 0 ? null : key[..(start - 1)];
            string segment = Segment(key, start).ToString();
            if (SetOf(parent)?.Contains(segment) is not true)
            {
                Change(parent, set => set.Add(segment));
            }

            int delimiter = key.IndexOf(Delimiter, start);
            start = delimiter < 0 ? -1 : delimiter + 1;
        }
    }

    private void Remove(string key, Func<string, bool> isKey)
    {
        for (string? path = key; path is not null && !isKey(path) && !_children.ContainsKey(path);)
        {
            int at = path.LastIndexOf(Delimiter);
            string? parent = at < 0 ? null : path[..at];
            string segment = path[(at + 1)..];
            Change(parent, set => set.Remove(segment));
            path = parent is not null && Of(parent).Count == 0 && _children.Remove(parent) ? parent : null;
        }
    }

    // Below the top, sets are replaced and never changed: the index before may have them too.
    private void Change(string? parent, Action<HashSet<string>> change)
    {
        if (parent is null)
        {
            change(_roots);
            return;
        }

        var set = new HashSet<string>(Of(parent), StringComparer.OrdinalIgnoreCase);
        change(set);
        _children[parent] = set;
    }

    private HashSet<string>? SetOf(string? parent) => parent is null ? _roots : _children.GetValueOrDefault(parent);

    private static HashSet<string> NewSet() => new(StringComparer.OrdinalIgnoreCase);

    private static ReadOnlySpan<char> Segment(string key, int start)
    {
        ReadOnlySpan<char> rest = key.AsSpan(start);
        int end = rest.IndexOf(Delimiter);
        return end < 0 ? rest : rest[..end];
    }

    private static void Add(HashSet<string> segments, ReadOnlySpan<char> segment) =>
        segments.GetAlternateLookup<ReadOnlySpan<char>>().Add(segment);
}
