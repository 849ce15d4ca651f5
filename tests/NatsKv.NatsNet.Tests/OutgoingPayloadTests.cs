using System.Buffers;

namespace NatsKv.NatsNet.Tests;

public sealed class OutgoingPayloadTests
{
    [Fact]
    public void Revoked_IsNotReadAnyMore()
    {
        var payload = new OutgoingPayload(new ReadOnlySequence<byte>("bytes"u8.ToArray()));
        payload.Revoke();

        var output = new ArrayBufferWriter<byte>();
        Assert.Throws<OperationCanceledException>(() => payload.WriteTo(output));

        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void Written_IsCopiedOnceAndRevokingChangesNothing()
    {
        var payload = new OutgoingPayload(new ReadOnlySequence<byte>("bytes"u8.ToArray()));
        var output = new ArrayBufferWriter<byte>();

        payload.WriteTo(output);
        payload.Revoke();

        Assert.Equal("bytes"u8.ToArray(), output.WrittenSpan.ToArray());
    }
}
