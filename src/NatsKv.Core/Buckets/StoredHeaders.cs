using System.Buffers.Text;
using NatsKv.JetStream;

namespace NatsKv.Buckets;

/// <summary>The one place that decodes the headers of a stored revision, in one pass. Of several with the same name the last counts.</summary>
internal readonly ref struct StoredHeaders
{
    private StoredHeaders(ReadOnlySpan<byte> subject, ulong sequence, DateTimeOffset time, int size, NatsKvOperation operation)
    {
        Subject = subject;
        Sequence = sequence;
        Time = time;
        Size = size;
        Operation = operation;
    }

    /// <summary>The subject, which only a direct get adds.</summary>
    public ReadOnlySpan<byte> Subject { get; }

    /// <summary>The revision, which only a direct get adds; else 0.</summary>
    public ulong Sequence { get; }

    /// <summary>When it was stored, which only a direct get adds.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>The length of the value, which only a consumer adds that leaves values out; else 0.</summary>
    public int Size { get; }

    /// <summary>
    /// ADR-8: <c>KV-Operation</c> says what a client did. ADR-43: <c>Nats-Marker-Reason</c> says what the server did; a reason that we don't
    /// know is a removal too.
    /// </summary>
    public NatsKvOperation Operation { get; }

    public static StoredHeaders Read(ReadOnlySpan<byte> block)
    {
        ReadOnlySpan<byte> subject = default;
        ulong sequence = 0;
        DateTimeOffset time = default;
        int size = 0;
        NatsKvOperation? byClient = null;
        NatsKvOperation? byServer = null;
        foreach (NatsKvHeaderLine line in new NatsKvHeaderBlock(block))
        {
            ReadOnlySpan<byte> value = line.Value;
            if (line.Name.SequenceEqual("Nats-Sequence"u8))
            {
                sequence = Utf8Parser.TryParse(value, out ulong number, out _) ? number : 0;
            }
            else if (line.Name.SequenceEqual("Nats-Time-Stamp"u8))
            {
                time = ServerTimestamp.TryParse(value, out DateTimeOffset stored) ? stored : default;
            }
            else if (line.Name.SequenceEqual("Nats-Subject"u8))
            {
                subject = value;
            }
            else if (line.Name.SequenceEqual("Nats-Msg-Size"u8))
            {
                size = Utf8Parser.TryParse(value, out int length, out _) ? length : 0;
            }
            else if (line.Name.SequenceEqual("KV-Operation"u8))
            {
                byClient = value.SequenceEqual("DEL"u8) ? NatsKvOperation.Delete
                    : value.SequenceEqual("PURGE"u8) ? NatsKvOperation.Purge
                    : value.IsEmpty || value.SequenceEqual("PUT"u8) ? NatsKvOperation.Put
                    : NatsKvOperation.Delete;
            }
            else if (line.Name.SequenceEqual("Nats-Marker-Reason"u8))
            {
                byServer = value.SequenceEqual("Remove"u8) ? NatsKvOperation.Delete : NatsKvOperation.Purge;
            }
        }

        return new StoredHeaders(subject, sequence, time, size, byClient ?? byServer ?? NatsKvOperation.Put);
    }
}
