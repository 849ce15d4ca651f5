using System.Buffers;
using NATS.Client.Core;

namespace NatsKv.NatsNet;

/// <summary>Hands a payload to the official client as it is.</summary>
internal sealed class PayloadSerializer : INatsSerialize<OutgoingPayload>
{
    public static PayloadSerializer Instance { get; } = new();

    public void Serialize(IBufferWriter<byte> bufferWriter, OutgoingPayload value) => value.WriteTo(bufferWriter);
}
