using System.Buffers;
using System.Text;
using NatsKv.Caching.Expiry;
using NatsKv.Caching.Keys;
using NatsKv.Caching.Touching;

namespace NatsKv.Caching.Entries;

/// <summary>
/// Decides from an entry's headers whether it is a hit, and only then copies it. It runs while the bytes are in the connection's buffer,
/// perhaps on the connection's own thread: so it runs no code of the caller, not even the caller's buffer writer.
/// </summary>
internal readonly struct EntryReader(CacheKey key, EntryReading reading, CacheSettings settings, TimeProvider clock)
{
    /// <summary>The reader in the form that a bucket takes.</summary>
    public static readonly NatsKvEntryReader<EntryReader, EntryRead> Delegate = static (entry, reader) => reader.Read(entry);

    private EntryRead Read(NatsKvEntryView entry)
    {
        if (entry.Operation != NatsKvOperation.Put || !IsForKey(entry.Headers))
        {
            return default;
        }

        // Without our header it is somebody else's plain put: readable, and its life is the bucket's affair.
        EntryHeader header = default;
        if (entry.Headers.TryGet(EntryHeaderCodec.Utf8Name, out ReadOnlySpan<byte> text) && !EntryHeaderCodec.TryParse(text, out header))
        {
            return default;
        }

        DateTimeOffset now = clock.GetUtcNow();
        if (!ExpiryPolicy.IsLive(header.Expiry, entry.Created, now))
        {
            return default;
        }

        Touch? touch = Touches && ExpiryPolicy.IsTouchDue(header.Expiry, entry.Created, now) ? MakeTouch(entry, header, now) : null;
        return reading switch
        {
            EntryReading.Array => new EntryRead(entry.Value.ToArray(), entry.Value.Length, touch),
            EntryReading.Pooled => new EntryRead(Rent(entry.Value), entry.Value.Length, touch),
            _ => new EntryRead(null, 0, touch),
        };
    }

    private bool Touches => reading == EntryReading.Refresh ? settings.RefreshTouches : settings.GetTouches;

    // Two keys with one digest are next to impossible; somebody else's write under that name is not.
    private bool IsForKey(NatsKvHeaderBlock headers)
    {
        if (!key.IsDigest)
        {
            return true;
        }

        bool has = headers.TryGet("Kvc-Key"u8, out ReadOnlySpan<byte> original);
        return key.Original is null ? !has && headers.TryGet(EntryHeaderCodec.Utf8Name, out _) : has && Ascii.Equals(original, key.Original);
    }

    private Touch MakeTouch(NatsKvEntryView entry, in EntryHeader header, DateTimeOffset now)
    {
        EntryExpiry expiry = ExpiryPolicy.Touched(header.Expiry, entry.Created);
        var touched = header with { Expiry = expiry, Generation = header.Generation == 0 ? entry.Revision : header.Generation };
        var options = new NatsKvWriteOptions
        {
            ExpectedRevision = entry.Revision,

            // A touch that is lost costs nothing, and the server needn't remember its id.
            ResolveOutcome = false,
            Headers = EntryHeaders.Make(key, EntryHeaderCodec.Format(touched)),
            TimeToLive = ExpiryPolicy.TimeToLive(expiry, entry.Created, now, settings.Grace),
        };
        return new Touch(key.Bucket, entry.Value, options);
    }

    private static byte[] Rent(ReadOnlySpan<byte> value)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(value.Length);
        value.CopyTo(buffer);
        return buffer;
    }
}
