namespace NatsKv.Caching.Tests.Fakes;

/// <summary>What the fake bucket holds under a key.</summary>
public sealed record FakeEntry(byte[] Value, byte[] Headers, ulong Revision, DateTimeOffset Created, TimeSpan? Ttl, NatsKvOperation Operation);
