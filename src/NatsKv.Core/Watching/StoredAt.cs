namespace NatsKv.Watching;

/// <summary>A message's place in a stream, and when it was stored: together they tell it from another that took the place later.</summary>
internal readonly record struct StoredAt(ulong Sequence, DateTimeOffset Time);
