using System.Runtime.InteropServices;

namespace NatsKv.Watching;

/// <summary>A message's place in a stream, and when it was stored: together they tell it from another that took the place later.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct StoredAt(ulong Sequence, DateTimeOffset Time);
