using NatsKv.Buckets;
using NatsKv.JetStream;
using NatsKv.Transport;

namespace NatsKv.Watching;

/// <summary>Takes in what a consumer sends: keeps the cursor and the judge informed, and makes items of what is to be reported.</summary>
internal sealed class WatchIntake(BucketContext context, WatchPlan plan, WatchCursor cursor, StreamJudge judge, WatchStatusBoard board)
{
    private const long InitialEntriesPerReport = 256;

    private readonly ConsumerProgress _progress = new(context.Time, plan.IdleHeartbeat);

    /// <summary>How many entries have been delivered since the watch began or was reset.</summary>
    public long Received { get; private set; }

    /// <summary>That, and how many the server had still to deliver when it last said so.</summary>
    public long Expected { get; private set; }

    /// <summary>Whether the initial data has turned out to be complete; reset by who reports it.</summary>
    public bool HasCompleted { get; set; }

    /// <summary>Whether everything that the server had to deliver has come, by its last word.</summary>
    public bool IsCaughtUp => Received == Expected;

    /// <summary>
    /// Whether to say now how far it is. While the initial data comes, nothing is proven by that, and of many entries not every single one need be
    /// told.
    /// </summary>
    public bool IsToBeReported => cursor.IsInitialDataComplete || Received < InitialEntriesPerReport || Received % InitialEntriesPerReport == 0;

    /// <summary>A consumer was made.</summary>
    public void Started(in WatchStart start)
    {
        _progress.Started();
        if (start.IsReset)
        {
            HasCompleted = false;
            Received = 0;
        }

        HasCompleted |= start.CompletesInitialData;
        Expected = Received + (long)start.Pending;
        judge.Expect((long)start.Pending);
    }

    /// <summary>Takes a message in.</summary>
    /// <returns>Whether there is something to report.</returns>
    public bool TryTake(WatchConsumer consumer, scoped in NatsMessage message, out WatchItem item)
    {
        item = default;
        if (ConsumerMessage.IsControl(message))
        {
            TakeControl(consumer, message);
            return false;
        }

        if (!AckSubject.TryParse(message.ReplyTo, out AckSubject ack))
        {
            consumer.End(new NatsKvException($"The watch on bucket '{context.Subjects.Bucket}' was sent something that no consumer sends."));
            return false;
        }

        if (!cursor.Accept(ack.ConsumerSequence, ack.StreamSequence))
        {
            consumer.End(new ConsumerLostException($"The watch on bucket '{context.Subjects.Bucket}' missed messages."));
            return false;
        }

        _progress.Moved();
        Received++;
        Expected = Received + (long)ack.Pending;
        HasCompleted |= cursor.CompletesInitialData();
        StoredHeaders headers = StoredHeaders.Read(message.Headers.Bytes);
        string? key = context.Subjects.KeyOf(message.Subject);
        if (key is null || !plan.Covers(key))
        {
            return false;
        }

        judge.Delivered(ack, key, headers.Operation);
        if (plan.IgnoreDeletes && headers.Operation != NatsKvOperation.Put)
        {
            return false;
        }

        item = new WatchItem(new NatsKvEntryView
        {
            Bucket = context.Subjects.Bucket,
            Key = key,
            Value = message.Payload.Span,
            Headers = message.Headers,
            Revision = ack.StreamSequence,
            Created = ack.Time,
            Delta = ack.Pending,
            Size = plan.HeadersOnly ? headers.Size : 0,
            Operation = headers.Operation,
        });
        return true;
    }

    private void TakeControl(WatchConsumer consumer, scoped in NatsMessage message)
    {
        if (ConsumerMessage.IsFlowControl(message))
        {
            consumer.Answer(message.ReplyTo);
            return;
        }

        bool isStalled = ConsumerMessage.TryGetStalled(message, out ReadOnlySpan<byte> stalled);
        ulong delivered = ConsumerMessage.Number(message, "Nats-Last-Consumer"u8);
        ulong looked = ConsumerMessage.Number(message, "Nats-Last-Stream"u8);
        if (!cursor.OnHeartbeat(delivered, looked, isStalled))
        {
            consumer.End(new ConsumerLostException($"The watch on bucket '{context.Subjects.Bucket}' missed messages."));
            return;
        }

        if (isStalled)
        {
            consumer.Answer(stalled);
        }
        else
        {
            Expected = Received;
            HasCompleted |= cursor.OnIdle(delivered, looked);
        }

        TimeSpan patience = _progress.Patience;
        bool expectsMore = isStalled || !cursor.IsInitialDataComplete || board.ExpectsMoreThan(cursor.Position ?? 0);
        if (_progress.StandsStill(looked, expectsMore, mayCrawl: isStalled || cursor.IsInitialDataComplete))
        {
            consumer.End(new ConsumerLostException(
                $"The consumer of the watch on bucket '{context.Subjects.Bucket}' handed over nothing, or next to nothing, for {patience.TotalSeconds:0.#} s, although there is more: the replica that it reads from may be stuck."));
        }
    }
}
