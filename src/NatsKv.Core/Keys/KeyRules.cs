using System.Buffers;

namespace NatsKv.Keys;

/// <summary>Which names may go on the wire (ADR-6 and ADR-8). Everything that a caller passes is checked here before a byte is sent.</summary>
internal static class KeyRules
{
    /// <summary>The longest bucket name: the stream's is <c>KV_</c> and the bucket's, and 255 are allowed.</summary>
    public const int MaxBucketLength = 252;

    /// <summary>
    /// The longest key. A subject must fit into the protocol line of 4 KiB twice over, because a direct get repeats the bucket and prefix;
    /// a longer one would make the server close the connection.
    /// </summary>
    public const int MaxKeyLength = 3072;

    private const string Alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<char> BucketCharacters = SearchValues.Create(Alphanumeric + "-_");
    private static readonly SearchValues<char> KeyCharacters = SearchValues.Create(Alphanumeric + "-_/=.");
    private static readonly SearchValues<char> FilterCharacters = SearchValues.Create(Alphanumeric + "-_/=.*>");

    public static void ThrowIfNotBucket(string bucket, string parameter = "bucket")
    {
        ArgumentNullException.ThrowIfNull(bucket, parameter);
        if (bucket.Length is 0 or > MaxBucketLength || bucket.AsSpan().ContainsAnyExcept(BucketCharacters))
        {
            throw new ArgumentException(
                $"'{Shown(bucket)}' is not a legal bucket name. Use 1 to {MaxBucketLength} letters, digits, '-' and '_'.", parameter);
        }
    }

    public static void ThrowIfNotKey(string key, string parameter = "key")
    {
        ArgumentNullException.ThrowIfNull(key, parameter);
        if (!HasLegalTokens(key) || key.AsSpan().ContainsAnyExcept(KeyCharacters))
        {
            throw new ArgumentException(
                $"'{Shown(key)}' is not a legal key. Use letters, digits and '-', '_', '/', '=', '.', without a dot at the start, at the end or next to another"
                + $" ({MaxKeyLength} characters at most).",
                parameter);
        }
    }

    public static void ThrowIfNotFilter(string filter, string parameter = "filter")
    {
        ArgumentNullException.ThrowIfNull(filter, parameter);
        if (!HasLegalTokens(filter) || filter.AsSpan().ContainsAnyExcept(FilterCharacters) || !HasLegalWildcards(filter))
        {
            throw new ArgumentException(
                $"'{Shown(filter)}' is not a legal filter. Use a key in which '*' may stand for one whole token and a closing '>' for the rest, like 'app.*.name' or 'app.>'.",
                parameter);
        }
    }

    private static bool HasLegalTokens(string text) =>
        text.Length is > 0 and <= MaxKeyLength
        && text[0] != '.'
        && text[^1] != '.'
        && !text.Contains("..", StringComparison.Ordinal);

    private static bool HasLegalWildcards(string filter)
    {
        string[] tokens = filter.Split('.');
        for (int i = 0; i < tokens.Length; i++)
        {
            bool isWildcard = tokens[i] == "*" || (tokens[i] == ">" && i == tokens.Length - 1);
            if (!isWildcard && tokens[i].AsSpan().ContainsAny('*', '>'))
            {
                return false;
            }
        }

        return true;
    }

    private static string Shown(string text)
    {
        const int Most = 80;
        string start = text.Length > Most ? text[..Most] + "…" : text;
        return string.Concat(start.Select(static c => char.IsControl(c) ? '?' : c));
    }
}
