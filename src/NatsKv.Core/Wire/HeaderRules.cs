using System.Buffers;

namespace NatsKv.Wire;

/// <summary>Which headers a user may store; everything else could inject protocol lines or fake the protocol's own headers.</summary>
internal static class HeaderRules
{
    // RFC 7230's token characters, which is what ADR-4 asks of names.
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> ForbiddenInValue = SearchValues.Create("\r\n\0");

    public static void ThrowIfNotUserHeader(string name, string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(value);
        if (name.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            throw new ArgumentException($"'{Printable(name)}' can't be a header name. Use letters, digits, '-' and '_'.", nameof(name));
        }

        if (name.StartsWith("Nats-", StringComparison.OrdinalIgnoreCase) || name.Equals("KV-Operation", StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"Header '{name}' belongs to the NATS protocol. Choose a name that doesn't start with 'Nats-'.", nameof(name));
        }

        if (value.AsSpan().ContainsAny(ForbiddenInValue))
        {
            throw new ArgumentException($"The value of header '{name}' has a line break or NUL in it. Encode it first, for example as Base64.", nameof(value));
        }
    }

    private static string Printable(string text) =>
        string.Create(text.Length, text, static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? '?' : source[i];
            }
        });
}
