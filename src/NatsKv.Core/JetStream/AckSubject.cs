namespace NatsKv.JetStream;

/// <summary>
/// What a delivered message's reply subject tells: <c>$JS.ACK.stream.consumer.delivered.sseq.cseq.time.pending</c>, or with the domain and
/// account before the stream, and possibly a random token at the end (ADR-15; servers from 2.14 on can be told to use the longer form).
/// </summary>
internal readonly ref struct AckSubject
{
    // So many tokens.
    private const int ShortForm = 9;
    private const int LongForm = 11;
    private const int LongFormWithRandom = 12;

    // A number of so many digits fits for sure.
    private const int SafeDigits = 19;

    public ReadOnlySpan<byte> Consumer { get; private init; }

    public ulong StreamSequence { get; private init; }

    public ulong ConsumerSequence { get; private init; }

    public DateTimeOffset Time { get; private init; }

    public ulong Pending { get; private init; }

    /// <summary>Reads a reply subject, in one pass: it comes with each message of a watch.</summary>
    public static bool TryParse(ReadOnlySpan<byte> subject, out AckSubject ack)
    {
        ack = default;
        int beforeConsumer = (subject.Count((byte)'.') + 1) switch
        {
            ShortForm => 1,
            LongForm or LongFormWithRandom => 3,
            _ => -1,
        };
        if (beforeConsumer < 0 || !subject.StartsWith("$JS.ACK."u8))
        {
            return false;
        }

        ReadOnlySpan<byte> rest = subject["$JS.ACK.".Length..];
        for (; beforeConsumer > 0; beforeConsumer--)
        {
            NextToken(ref rest);
        }

        ReadOnlySpan<byte> consumer = NextToken(ref rest);
        NextToken(ref rest);
        if (!TryNumber(ref rest, out ulong streamSequence)
            || !TryNumber(ref rest, out ulong consumerSequence)
            || !TryNumber(ref rest, out ulong nanoseconds)
            || !TryNumber(ref rest, out ulong pending))
        {
            return false;
        }

        ack = new AckSubject
        {
            Consumer = consumer,
            StreamSequence = streamSequence,
            ConsumerSequence = consumerSequence,
            Time = DateTimeOffset.UnixEpoch.AddTicks((long)(nanoseconds / 100)),
            Pending = pending,
        };
        return true;
    }

    private static ReadOnlySpan<byte> NextToken(scoped ref ReadOnlySpan<byte> rest)
    {
        int dot = rest.IndexOf((byte)'.');
        ReadOnlySpan<byte> token = rest[..dot];
        rest = rest[(dot + 1)..];
        return token;
    }

    // A number and the dot behind it, or the end.
    private static bool TryNumber(scoped ref ReadOnlySpan<byte> rest, out ulong number)
    {
        number = 0;
        int length = 0;
        for (; length < rest.Length && rest[length] != '.'; length++)
        {
            uint digit = (uint)rest[length] - '0';
            if (digit > 9 || (length >= SafeDigits && number > (ulong.MaxValue - digit) / 10))
            {
                return false;
            }

            number = (number * 10) + digit;
        }

        rest = length < rest.Length ? rest[(length + 1)..] : default;
        return length > 0;
    }
}
