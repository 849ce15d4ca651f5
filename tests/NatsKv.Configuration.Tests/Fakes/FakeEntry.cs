namespace NatsKv.Configuration.Tests.Fakes;

internal sealed record FakeEntry(byte[] Value, ulong Revision, NatsKvOperation Operation, string? Headers);
