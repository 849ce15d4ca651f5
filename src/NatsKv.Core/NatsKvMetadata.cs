using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace NatsKv;

/// <summary>Names and texts that are kept with a bucket, for people and tools. It never changes; two with the same content are equal.</summary>
public sealed class NatsKvMetadata : IReadOnlyDictionary<string, string>, IEquatable<NatsKvMetadata>
{
    private readonly SortedDictionary<string, string> _items = new(StringComparer.Ordinal);

    /// <summary>Takes a copy.</summary>
    /// <param name="items">The names and their texts.</param>
    /// <exception cref="ArgumentException">A name is empty, comes twice, or begins with <c>_nats.</c>, which is the server's (ADR-33).</exception>
    public NatsKvMetadata(IEnumerable<KeyValuePair<string, string>> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        foreach ((string name, string text) in items)
        {
            if (string.IsNullOrEmpty(name) || name.StartsWith(ServerPrefix, StringComparison.Ordinal))
            {
                throw new ArgumentException($"'{name}' can't be a name in a bucket's metadata: it must not be empty or begin with '{ServerPrefix}', which is the server's.", nameof(items));
            }

            _items.Add(name, text ?? throw new ArgumentException($"The metadata '{name}' has no text.", nameof(items)));
        }
    }

    /// <inheritdoc/>
    public int Count => _items.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _items.Keys;

    /// <inheritdoc/>
    public IEnumerable<string> Values => _items.Values;

    internal static string ServerPrefix => "_nats.";

    /// <inheritdoc/>
    public string this[string key] => _items[key];

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _items.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value) => _items.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(NatsKvMetadata? other) => other is not null && _items.SequenceEqual(other._items);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as NatsKvMetadata);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach ((string name, string text) in _items)
        {
            hash.Add(name, StringComparer.Ordinal);
            hash.Add(text, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", _items.Select(static item => $"{item.Key}={item.Value}"));
}
