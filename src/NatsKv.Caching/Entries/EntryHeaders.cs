using NatsKv.Caching.Expiry;
using NatsKv.Caching.Keys;

namespace NatsKv.Caching.Entries;

/// <summary>
/// The headers of new entries. An application sets most of its entries with the same windows, one after the other: the headers made last
/// serve again, and are never changed.
/// </summary>
internal sealed class EntryHeaders
{
    private Made? _last;

    /// <summary>The headers for an entry.</summary>
    /// <param name="key">The entry's key.</param>
    /// <param name="expiry">Its windows.</param>
    /// <returns>The headers.</returns>
    public NatsKvHeaders For(in CacheKey key, in EntryExpiry expiry)
    {
        Made? last = Volatile.Read(ref _last);
        if (key.Original is null && last is not null && last.Expiry == expiry)
        {
            return last.Headers;
        }

        NatsKvHeaders headers = Make(key, EntryHeaderCodec.Format(new EntryHeader(expiry)));
        if (key.Original is null)
        {
            Volatile.Write(ref _last, new Made(expiry, headers));
        }

        return headers;
    }

    /// <summary>Makes headers.</summary>
    /// <param name="key">The entry's key.</param>
    /// <param name="text">The value of our header.</param>
    /// <returns>The headers.</returns>
    public static NatsKvHeaders Make(in CacheKey key, string text)
    {
        var headers = new NatsKvHeaders { { EntryHeaderCodec.Name, text } };
        if (key.Original is { } original)
        {
            headers.Add(CacheKeyEncoder.OriginalHeader, original);
        }

        return headers;
    }

    private sealed record Made(EntryExpiry Expiry, NatsKvHeaders Headers);
}
