using System.Buffers.Text;

namespace NatsKv.JetStream;

/// <summary>
/// What a delivered message's reply subject tells: <c>$JS.ACK.stream.consumer.delivered.sseq.cseq.time.pending</c>, or with the domain and
/// account before the stream, and possibly a random token at the end (ADR-15; servers from 2.14 on can be told to use the longer form).
/// </summary>
internal readonly ref struct AckSubject
{
    private const int MostTokens = 12;
    private const int ShortForm = 9;
    private const int LongForm = 11;

    public ReadOnlySpan<byte> Consumer { get; private init; }

    public ulong StreamSequence { get; private init; }

    public ulong ConsumerSequence { get; private init; }

    public DateTimeOffset Time { get; private init; }

    public ulong Pending { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> subject, out AckSubject ack)
    {
        ack = default;
        if (!subject.StartsWith("$JS.ACK."u8))
        {
            return false;
        }

        Span<Range> tokens = stackalloc Range[MostTokens + 1];
        int count = 0;
        foreach (Range token in subject.Split((byte)'.'))
        {
            if (count > MostTokens)
            {
                return false;
            }

            tokens[count++] = token;
        }

        int stream = count == ShortForm ? 2 : count is >= LongForm and <= MostTokens ? 4 : -1;
        if (stream < 0
            || !TryNumber(subject[tokens[stream + 3]], out ulong streamSequence)
            || !TryNumber(subject[tokens[stream + 4]], out ulong consumerSequence)
            || !TryNumber(subject[tokens[stream + 5]], out ulong nanoseconds)
            || !TryNumber(subject[tokens[stream + 6]], out ulong pending))
        {
            return false;
        }

        ack = new AckSubject
        {
            Consumer = subject[tokens[stream + 1]],
            StreamSequence = streamSequence,
            ConsumerSequence = consumerSequence,
            Time = DateTimeOffset.UnixEpoch.AddTicks((long)(nanoseconds / 100)),
            Pending = pending,
        };
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<byte> text, out ulong number) =>
        Utf8Parser.TryParse(text, out number, out int consumed) && consumed == text.Length;
}
