using NatsKv.Caching.Expiry;
using NatsKv.Caching.Keys;

namespace NatsKv.Caching.Entries;

/// <summary>What may be stored, as far as size goes.</summary>
internal static class EntrySize
{
    /// <summary>
    /// The room that a touch may take beside the value, with the longest numbers: a value that leaves less could be stored, but its sliding
    /// window could never begin anew.
    /// </summary>
    private const int TouchHeaderRoom = 256;

    // JetStream's code for a message above the limit of the bucket, which only the server knows to count exactly.
    private const int MessageTooLarge = 10054;

    /// <summary>Whether a write failed because of its size, and will always fail.</summary>
    /// <param name="exception">Why it failed.</param>
    /// <returns>Whether that was the size.</returns>
    public static bool IsTooLarge(NatsKvException exception) =>
        exception is NatsKvValueTooLargeException or NatsKvServerException { ErrorCode: MessageTooLarge };

    /// <summary>Refuses a value that couldn't be touched later.</summary>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="key">The key.</param>
    /// <param name="expiry">Its windows.</param>
    /// <param name="length">The value's length.</param>
    /// <param name="limit">The most bytes that are taken, if known.</param>
    /// <exception cref="NatsKvValueTooLargeException">The value is too large.</exception>
    public static void ThrowIfUntouchable(string bucket, in CacheKey key, in EntryExpiry expiry, long length, long? limit)
    {
        long size = length + TouchHeaderRoom + (key.Original?.Length ?? 0);
        if (expiry.Sliding != 0 && size > limit)
        {
            throw new NatsKvValueTooLargeException(bucket, key.Bucket, size, limit.Value);
        }
    }
}
