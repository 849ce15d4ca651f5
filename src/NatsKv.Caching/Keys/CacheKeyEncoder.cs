using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Unicode;

namespace NatsKv.Caching.Keys;

/// <summary>
/// Maps any .NET string to a legal bucket key of bounded length, no two strings to the same one. Part of the wire contract: see
/// docs/caching.md.
/// </summary>
/// <remarks>
/// A colon becomes the bucket's separator, so that <c>user:42:cart</c> can be watched as <c>user.42.></c>; letters, digits and <c>_-/</c>
/// stay; every other byte of the UTF-8 form becomes <c>=HH</c>, and an empty segment <c>=_</c>. What <c>=</c> can begin in this way is so
/// limited that <c>name=</c> (an instance) and <c>=h</c> (a digest) never come from a key.
/// </remarks>
internal sealed class CacheKeyEncoder
{
    /// <summary>Longer keys are stored as digests: they stand in the subject of every request, whose length the server limits.</summary>
    public const int MaxReadableLength = 200;

    /// <summary>The header that carries the caller's key beside a digest.</summary>
    public const string OriginalHeader = "Kvc-Key";

    /// <summary>Of a longer key, only the digest is stored: headers are limited too.</summary>
    public const int MaxOriginalLength = 4096;

    private const string EmptySegment = "=_";
    private const string DigestPrefix = "=h.";

    private static readonly SearchValues<char> Unchanged =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-/");

    private static readonly SearchValues<char> UnchangedOrColon =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-/:");

    private readonly string _prefix;

    /// <summary>Makes an encoder.</summary>
    /// <param name="instanceName">Set in front of every key, kept apart from it; <see langword="null"/> for none.</param>
    public CacheKeyEncoder(string? instanceName) => _prefix = string.IsNullOrEmpty(instanceName) ? "" : instanceName + "=.";

    /// <summary>Encodes a key.</summary>
    /// <param name="key">Any string.</param>
    /// <returns>The key for the bucket.</returns>
    public CacheKey Encode(string key)
    {
        if (key.Length is > 0 and <= MaxReadableLength && !key.AsSpan().ContainsAnyExcept(Unchanged))
        {
            return Readable(key);
        }

        // No character gets shorter by encoding, so that a long key needs no attempt.
        return key.Length <= MaxReadableLength && TryEncode(key) is { } readable ? Readable(readable) : Digest(key);
    }

    private CacheKey Readable(string encoded) => new(_prefix.Length == 0 ? encoded : _prefix + encoded, null, IsDigest: false);

    private static string? TryEncode(string key)
    {
        if (!key.AsSpan().ContainsAnyExcept(UnchangedOrColon) && !HasEmptySegment(key))
        {
            return key.Replace(':', '.');
        }

        Span<byte> utf8 = stackalloc byte[MaxReadableLength * 3];
        if (Utf8.FromUtf16(key, utf8, out _, out int length, replaceInvalidSequences: false) != OperationStatus.Done)
        {
            // Half of a surrogate pair: such a string has no UTF-8 form.
            return null;
        }

        Span<char> encoded = stackalloc char[MaxReadableLength];
        int position = 0;
        bool segmentIsEmpty = true;
        foreach (byte value in utf8[..length])
        {
            if (value == (byte)':')
            {
                if (!TryClose(encoded, ref position, segmentIsEmpty) || !TryAppend(encoded, ref position, "."))
                {
                    return null;
                }

                segmentIsEmpty = true;
                continue;
            }

            segmentIsEmpty = false;
            if (!TryAppend(encoded, ref position, value))
            {
                return null;
            }
        }

        return TryClose(encoded, ref position, segmentIsEmpty) ? new string(encoded[..position]) : null;
    }

    private static bool HasEmptySegment(string key) =>
        key.Length == 0 || key[0] == ':' || key[^1] == ':' || key.Contains("::", StringComparison.Ordinal);

    private static bool TryClose(Span<char> encoded, ref int position, bool segmentIsEmpty) =>
        !segmentIsEmpty || TryAppend(encoded, ref position, EmptySegment);

    private static bool TryAppend(Span<char> encoded, ref int position, byte value)
    {
        if (value < 0x80 && Unchanged.Contains((char)value))
        {
            return TryAppend(encoded, ref position, [(char)value]);
        }

        const string digits = "0123456789ABCDEF";
        return TryAppend(encoded, ref position, ['=', digits[value >> 4], digits[value & 0xF]]);
    }

    private static bool TryAppend(Span<char> encoded, ref int position, ReadOnlySpan<char> text)
    {
        if (!text.TryCopyTo(encoded[position..]))
        {
            return false;
        }

        position += text.Length;
        return true;
    }

    private CacheKey Digest(string key)
    {
        // UTF-16, little-endian on every machine: the only form that every string has.
        byte[] bytes = ArrayPool<byte>.Shared.Rent(key.Length * sizeof(char));
        try
        {
            Span<byte> utf16 = bytes.AsSpan(0, key.Length * sizeof(char));
            for (int i = 0; i < key.Length; i++)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(utf16[(i * sizeof(char))..], key[i]);
            }

            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(utf16, hash);
            string? original = key.Length <= MaxOriginalLength ? Convert.ToBase64String(utf16) : null;
            return new CacheKey(string.Concat(_prefix, DigestPrefix, Base64Url.EncodeToString(hash)), original, IsDigest: true);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
