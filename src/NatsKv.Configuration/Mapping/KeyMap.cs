namespace NatsKv.Configuration.Mapping;

/// <summary>Bucket keys to configuration keys. Total: whatever a server delivers has an answer, and none of them is an exception.</summary>
internal sealed class KeyMap
{
    // ADR-6 reserves keys that start like this for clients' own bookkeeping.
    private const string ReservedStart = "_kv";

    private readonly string _start;

    public KeyMap(string? prefix)
    {
        _start = string.IsNullOrEmpty(prefix) ? "" : prefix + ".";
        Filter = _start + ">";
    }

    /// <summary>Which keys to ask the server for.</summary>
    public string Filter { get; }

    /// <summary>The configuration key, or <see langword="null"/> if the entry is no setting: not below the prefix, or reserved.</summary>
    public string? ToConfigurationKey(string key)
    {
        if (key.Length <= _start.Length
            || !key.StartsWith(_start, StringComparison.Ordinal)
            || key.StartsWith(ReservedStart, StringComparison.Ordinal))
        {
            return null;
        }

        // Without a prefix and without dots this is the key's own instance.
        return _start.Length == 0
            ? key.Replace('.', ':')
            : string.Create(
                key.Length - _start.Length,
                (key, _start.Length),
                static (span, from) => from.key.AsSpan(from.Length).Replace(span, '.', ':'));
    }
}
