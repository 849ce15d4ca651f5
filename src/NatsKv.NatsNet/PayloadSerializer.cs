using System.Buffers;
using NATS.Client.Core;

namespace NatsKv.NatsNet;

/// <summary>Hands a payload to the official client as it is.</summary>
internal sealed class PayloadSerializer : INatsSerialize<ReadOnlySequence<byte>>
{
    public static PayloadSerializer Instance { get; } = new();

    public void Serialize(IBufferWriter<byte> bufferWriter, ReadOnlySequence<byte> value)
    {
        foreach (ReadOnlyMemory<byte> segment in value)
        {
            bufferWriter.Write(segment.Span);
        }
    }
}
