using NatsKv.Caching.Touching;

namespace NatsKv.Caching.Entries;

/// <summary>What came of reading an entry. The default is a miss.</summary>
/// <param name="Value">The value; for <see cref="EntryReading.Pooled"/> a pooled array, for <see cref="EntryReading.Refresh"/> nothing.</param>
/// <param name="Length">The value's length.</param>
/// <param name="Touch">The write that this use makes necessary, or <see langword="null"/>.</param>
internal readonly record struct EntryRead(byte[]? Value, int Length, Touch? Touch);
