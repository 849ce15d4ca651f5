using System.Buffers;
using System.Text;

namespace NatsKv.Keys;

/// <summary>Which names may go on the wire (ADR-6 and ADR-8). Everything that a caller passes is checked here before a byte is sent.</summary>
internal static class KeyRules
{
    /// <summary>The longest bucket name: the stream's is <c>KV_</c> and the bucket's, and 255 are allowed.</summary>
    public const int MaxBucketLength = 252;

    /// <summary>
    /// The longest key, in bytes. A subject must fit into the protocol line of 4 KiB twice over, because a direct get repeats the bucket and
    /// prefix; a longer one would make the server close the connection.
    /// </summary>
    public const int MaxKeyLength = 3072;

    private const string Alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<char> BucketCharacters = SearchValues.Create(Alphanumeric + "-_");
    private static readonly SearchValues<char> KeyCharacters = SearchValues.Create(Alphanumeric + "-_/=.");

    public static void ThrowIfNotBucket(string bucket, string parameter = "bucket")
    {
        ArgumentNullException.ThrowIfNull(bucket, parameter);
        if (bucket.Length is 0 or > MaxBucketLength || bucket.AsSpan().ContainsAnyExcept(BucketCharacters))
        {
            throw new ArgumentException(
                $"'{Shown(bucket)}' is not a legal bucket name. Use 1 to {MaxBucketLength} letters, digits, '-' and '_'.", parameter);
        }
    }

    public static void ThrowIfNotKey(string key, NatsKvKeyValidation validation = NatsKvKeyValidation.Strict, string parameter = "key")
    {
        ArgumentNullException.ThrowIfNull(key, parameter);
        bool isLegal = validation == NatsKvKeyValidation.Strict
            ? HasLegalTokens(key) && !key.AsSpan().ContainsAnyExcept(KeyCharacters)
            : IsShortEnough(key) && AreTokens(key, validation);
        if (!isLegal)
        {
            throw new ArgumentException($"'{Shown(key)}' is not a legal key. {Remedy(validation)} ({MaxKeyLength} bytes at most).", parameter);
        }
    }

    public static void ThrowIfNotFilter(string filter, NatsKvKeyValidation validation = NatsKvKeyValidation.Strict, string parameter = "filter")
    {
        ArgumentNullException.ThrowIfNull(filter, parameter);
        if (!IsShortEnough(filter) || !AreTokens(filter, validation, isFilter: true))
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

    // No text has fewer bytes than characters.
    private static bool IsShortEnough(string text) => text.Length is > 0 and <= MaxKeyLength && Encoding.UTF8.GetByteCount(text) <= MaxKeyLength;

    private static bool AreTokens(ReadOnlySpan<char> text, NatsKvKeyValidation validation, bool isFilter = false)
    {
        foreach (Range range in text.Split('.'))
        {
            ReadOnlySpan<char> token = text[range];
            bool isWildcard = token is "*" || (token is ">" && range.End.GetOffset(text.Length) == text.Length);
            if (isFilter && isWildcard)
            {
                continue;
            }

            if (!IsToken(token, validation))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsToken(ReadOnlySpan<char> token, NatsKvKeyValidation validation) => validation switch
    {
        NatsKvKeyValidation.Strict => !token.IsEmpty && !token.ContainsAnyExcept(KeyCharacters),
        NatsKvKeyValidation.Relaxed => !token.IsEmpty && !token.ContainsAny('*', '>') && IsOneWord(token, static c => char.IsWhiteSpace(c) || char.IsControl(c)),
        _ => token is not ("*" or ">") && IsOneWord(token, static c => c == ' ' || char.IsControl(c)),
    };

    // Half a pair of surrogates has no bytes of its own: all of them would be one and the same key.
    private static bool IsOneWord(ReadOnlySpan<char> token, Func<char, bool> isRefused)
    {
        for (int i = 0; i < token.Length; i++)
        {
            char c = token[i];
            if (char.IsHighSurrogate(c) && i + 1 < token.Length && char.IsLowSurrogate(token[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(c) || isRefused(c))
            {
                return false;
            }
        }

        return true;
    }

    private static string Remedy(NatsKvKeyValidation validation) => validation switch
    {
        NatsKvKeyValidation.Strict => "Use letters, digits and '-', '_', '/', '=', '.', without a dot at the start, at the end or next to another",
        NatsKvKeyValidation.Relaxed => "Use anything but whitespace, control characters, '*' and '>', without a dot at the start, at the end or next to another",
        _ => "Use anything but spaces and control characters, and no token that is '*' or '>'",
    };

    private static string Shown(string text)
    {
        const int Most = 80;
        string start = text.Length > Most ? text[..Most] + "…" : text;
        return string.Concat(start.Select(static c => char.IsControl(c) ? '?' : c));
    }
}
