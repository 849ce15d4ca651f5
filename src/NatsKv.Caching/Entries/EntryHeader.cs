using NatsKv.Caching.Expiry;

namespace NatsKv.Caching.Entries;

/// <summary>What is stored beside a value; see docs/caching.md for the text form.</summary>
/// <param name="Expiry">How long the entry lives.</param>
/// <param name="Generation">On a touched entry: the revision of its Set. 0 on one that was not touched.</param>
/// <param name="Extra">Fields that this version doesn't know, as they stand, with their leading semicolons. A touch keeps them.</param>
internal readonly record struct EntryHeader(EntryExpiry Expiry, ulong Generation = 0, string Extra = "");
