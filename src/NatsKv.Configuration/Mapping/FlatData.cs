using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace NatsKv.Configuration.Mapping;

/// <summary>
/// What readers see: configuration keys and values. It never changes; the next one is made beside it and takes its place. The keys are
/// spread over small dictionaries, of which two successive ones share all but those that a change touches, so that one change of a large
/// bucket copies some hundred keys and not all of them.
/// </summary>
internal sealed class FlatData : IDictionary<string, string?>
{
    private const int KeysPerShard = 256;
    private const int MostShards = 1 << 14;

    private readonly Dictionary<string, string?>[] _shards;
    private ChildKeys? _children;

    private FlatData(Dictionary<string, string?>[] shards, int count, ChildKeys? children = null)
    {
        _shards = shards;
        _children = children;
        Count = count;
    }

    public static FlatData Empty { get; } = new([NewShard(0)], 0);

    public int Count { get; }

    public bool IsReadOnly => true;

    /// <summary>Which keys are below which. Handed on while only values change.</summary>
    public ChildKeys Children => _children ??= new ChildKeys(this);

    public ICollection<string> Keys => [.. this.Select(static pair => pair.Key)];

    public ICollection<string?> Values => [.. this.Select(static pair => pair.Value)];

    public string? this[string key]
    {
        get => ShardOf(key)[key];
        set => throw ReadOnly();
    }

    /// <summary>Applies changes to a copy.</summary>
    /// <param name="changes">What the bucket says.</param>
    /// <returns>The next content, or <see langword="null"/> if a reader would see no difference.</returns>
    public FlatData? Next(ViewChanges changes)
    {
        bool differs = changes.Whole && Count != changes.Items.Count;
        for (int i = 0; !differs && i < changes.Items.Count; i++)
        {
            differs = Differs(changes.Items[i]);
        }

        return !differs ? null : changes.Whole ? Whole(changes.Items) : With(changes.Items);
    }

    /// <summary>Applies changes to a copy, whether or not they make a difference.</summary>
    public FlatData With(params IReadOnlyList<ViewChange> changes)
    {
        Dictionary<string, string?>[] shards = [.. _shards];
        int count = Count;
        bool sameKeys = true;
        foreach (ViewChange change in changes)
        {
            int index = IndexOf(change.Key);
            if (shards[index] == _shards[index])
            {
                shards[index] = new Dictionary<string, string?>(_shards[index], StringComparer.OrdinalIgnoreCase);
            }

            int before = shards[index].Count;
            if (change.Removed)
            {
                shards[index].Remove(change.Key);
            }
            else
            {
                shards[index][change.Key] = change.Value;
            }

            count += shards[index].Count - before;
            sameKeys &= shards[index].Count == before;
        }

        var next = new FlatData(shards, count);
        next._children = sameKeys ? _children : _children?.Next(changes, next.ContainsKey);
        return count > shards.Length * KeysPerShard * 4 && shards.Length < MostShards
            ? Whole([.. next.Select(static pair => new ViewChange(pair.Key, pair.Value, Removed: false))])
            : next;
    }

    public bool ContainsKey(string key) => ShardOf(key).ContainsKey(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string? value) => ShardOf(key).TryGetValue(key, out value);

    public bool Contains(KeyValuePair<string, string?> item) =>
        TryGetValue(item.Key, out string? value) && string.Equals(value, item.Value, StringComparison.Ordinal);

    public void CopyTo(KeyValuePair<string, string?>[] array, int arrayIndex)
    {
        foreach (KeyValuePair<string, string?> pair in this)
        {
            array[arrayIndex++] = pair;
        }
    }

    public IEnumerator<KeyValuePair<string, string?>> GetEnumerator()
    {
        foreach (Dictionary<string, string?> shard in _shards)
        {
            foreach (KeyValuePair<string, string?> pair in shard)
            {
                yield return pair;
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Add(string key, string? value) => throw ReadOnly();

    public void Add(KeyValuePair<string, string?> item) => throw ReadOnly();

    public bool Remove(string key) => throw ReadOnly();

    public bool Remove(KeyValuePair<string, string?> item) => throw ReadOnly();

    public void Clear() => throw ReadOnly();

    private static NotSupportedException ReadOnly() => new("Settings that readers may be going through don't change; the next ones take their place.");

    private static Dictionary<string, string?> NewShard(int capacity) => new(capacity, StringComparer.OrdinalIgnoreCase);

    private static FlatData Whole(IReadOnlyList<ViewChange> items)
    {
        int length = (int)Math.Min(MostShards, BitOperations.RoundUpToPowerOf2((uint)(items.Count / KeysPerShard) + 1));
        var shards = new Dictionary<string, string?>[length];
        for (int i = 0; i < length; i++)
        {
            shards[i] = NewShard(items.Count / length);
        }

        foreach (ViewChange item in items)
        {
            shards[IndexOf(item.Key, length)][item.Key] = item.Value;
        }

        return new FlatData(shards, shards.Sum(static shard => shard.Count));
    }

    private static int IndexOf(string key, int length) =>
        length == 1 ? 0 : string.GetHashCode(key, StringComparison.OrdinalIgnoreCase) & (length - 1);

    private int IndexOf(string key) => IndexOf(key, _shards.Length);

    private Dictionary<string, string?> ShardOf(string key) => _shards[IndexOf(key)];

    private bool Differs(ViewChange change)
    {
        bool there = TryGetValue(change.Key, out string? value);
        return there == change.Removed || (there && !string.Equals(value, change.Value, StringComparison.Ordinal));
    }
}
