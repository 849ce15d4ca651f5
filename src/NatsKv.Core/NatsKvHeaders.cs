using System.Collections;
using NatsKv.Wire;

namespace NatsKv;

/// <summary>Headers to store beside a value, for example <c>new NatsKvHeaders { { "App-Version", "3" } }</c>.</summary>
/// <remarks>Names that start with <c>Nats-</c> and the name <c>KV-Operation</c> belong to the protocol and are refused.</remarks>
public sealed class NatsKvHeaders : IReadOnlyCollection<KeyValuePair<string, string>>
{
    private readonly List<KeyValuePair<string, string>> _items = [];

    /// <inheritdoc/>
    public int Count => _items.Count;

    /// <summary>Adds a header.</summary>
    /// <param name="name">Printable ASCII without a colon or space.</param>
    /// <param name="value">Text without line breaks; surrounding spaces are not kept by servers.</param>
    /// <exception cref="ArgumentException">The name or value can't be a header, or the name is reserved for the protocol.</exception>
    public void Add(string name, string value)
    {
        HeaderRules.ThrowIfNotUserHeader(name, value);
        _items.Add(new(name, value));
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
