using NatsKv.Caching.Expiry;
using NatsKv.Caching.Keys;

namespace NatsKv.Caching.Entries;

/// <summary>A Set that has been checked and put into the bucket's terms.</summary>
/// <param name="Key">The key.</param>
/// <param name="Expiry">How long the entry is to live.</param>
/// <param name="Options">Headers and TTL.</param>
internal readonly record struct EntryStore(CacheKey Key, EntryExpiry Expiry, NatsKvWriteOptions Options);
