using Microsoft.Extensions.Configuration;

namespace NatsKv.Configuration.Mapping;

/// <summary>
/// The direct children of each section, so that binding one costs what the section holds and not what the bucket holds. Made from all keys at
/// once, when somebody first asks; values may change beneath it, keys may not come or go.
/// </summary>
internal sealed class ChildKeys
{
    private const char Delimiter = ':';

    private readonly HashSet<string> _roots = NewSet();
    private readonly Dictionary<string, HashSet<string>> _children = new(StringComparer.OrdinalIgnoreCase);

    public ChildKeys(IEnumerable<KeyValuePair<string, string?>> data)
    {
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

    /// <summary>The next segments below a path, each once, in no order.</summary>
    /// <param name="parent">The path; <see langword="null"/> for the top.</param>
    public IReadOnlyCollection<string> Of(string? parent) =>
        parent is null ? _roots : _children.TryGetValue(parent, out HashSet<string>? children) ? children : [];

    /// <summary>What <see cref="ConfigurationProvider.GetChildKeys"/> promises: these and the other providers', in the order of configuration keys.</summary>
    public IEnumerable<string> Merge(IEnumerable<string> earlierKeys, string? parent)
    {
        List<string> keys = [.. Of(parent), .. earlierKeys];
        keys.Sort(ConfigurationKeyComparer.Instance.Compare);
        return keys;
    }

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
