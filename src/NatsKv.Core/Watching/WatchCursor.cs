namespace NatsKv.Watching;

/// <summary>
/// Where a watch stands, and what each thing that arrives means for it. Pure: it knows neither the server nor the clock.
/// </summary>
/// <remarks>
/// Invariants: <see cref="Position"/> is the stream sequence up to which everything that matches has been handed over, so a new consumer
/// that starts at the next one continues without a gap or a repetition. The end of the initial data is found with a barrier: the newest
/// matching sequence that the stream's leader knew after the watch began, or, where that takes too many questions, its newest of all. Deliveries ascend, so nothing is complete before one at or beyond
/// the barrier has come, however late a replica is. That alone is not enough: a key that is rewritten while the initial data is on its way
/// moves from below the barrier to above it. Nor can the server be asked what is pending: its count takes a rewritten message off before it
/// adds the new one, so amid writes it says 'nothing' too soon. What does prove that every key has come is one of these: as many messages as
/// there can be up to the barrier; or that the leader, asked afterwards, has nothing newer than what has come. Otherwise its answer is the
/// next barrier. Each round is shorter than the one before, as long as we read faster than others write, down to a round trip. The last one
/// ends it all the same, so that constant writes can't keep the initial data from completing; only a key that was rewritten in every round
/// could then still be on its way.
/// </remarks>
internal sealed class WatchCursor
{
    private const int MostRounds = 16;

    private readonly string _initialPolicy;
    private DateTimeOffset? _streamCreated;
    private ulong _barrier;
    private ulong _startsAfter;
    private ulong _floor;
    private ulong _received;
    private ulong _receivedBefore;
    private ulong? _due;
    private ulong _looked;
    private int _round;

    /// <param name="initialPolicy">How the first consumer starts.</param>
    /// <param name="fromRevision">The first sequence wanted, if the watch begins at one.</param>
    public WatchCursor(string initialPolicy, ulong? fromRevision = null)
    {
        _initialPolicy = initialPolicy;
        Position = fromRevision - 1;
        IsInitialDataComplete = initialPolicy == WatchPlan.NewOnly;
    }

    /// <summary>The sequence up to which everything has been handed over; <see langword="null"/> before the first consumer's start is known, unless the watch begins at a revision.</summary>
    public ulong? Position { get; private set; }

    public bool IsInitialDataComplete { get; private set; }

    /// <summary>Whether the barrier was passed while more may be on its way: ask the leader, then call <see cref="MoveBarrier"/>.</summary>
    public bool NeedsBarrier { get; private set; }

    /// <summary>Compares the stream with the one that was followed before.</summary>
    /// <returns><see langword="false"/> when it is another stream, or the same one set back: then everything known is void and this starts over.</returns>
    public bool Recognize(DateTimeOffset created, ulong lastSequence)
    {
        bool isSame = (_streamCreated is null || _streamCreated == created) && (Position is null || lastSequence >= Position);
        _streamCreated = created;
        if (!isSame)
        {
            StartOver();
            _streamCreated = created;
        }

        return isSame;
    }

    /// <summary>Forgets the position: the content is given anew.</summary>
    public void StartOver()
    {
        Position = null;
        _floor = 0;
        IsInitialDataComplete = false;
        _barrier = 0;
        _received = 0;
        _round = 0;
        _looked = 0;
        NeedsBarrier = false;
    }

    /// <summary>How the next consumer starts: after a reset or before anything was received as the options say, else right behind the position.</summary>
    /// <param name="proven">
    /// The newest sequence known for certain, if one is: between it and the position there was nothing that matches, by a heartbeat's word, but
    /// should the stream have been set back since, there may be now.
    /// </param>
    public (string Policy, ulong? StartSequence) Start(ulong? proven = null) =>
        Position is { } position ? (WatchPlan.FromSequence, Math.Min(position, Math.Max(proven ?? position, _floor)) + 1)
        : IsInitialDataComplete ? (WatchPlan.NewOnly, null)
        : (_initialPolicy is WatchPlan.NewOnly or WatchPlan.FromSequence ? WatchPlan.LatestOfEachKey : _initialPolicy, null);

    /// <summary>The consumer exists.</summary>
    /// <param name="startsAfter">The sequence before the first that it may deliver.</param>
    /// <param name="barrier">The newest matching sequence at the leader; <see langword="null"/> if nothing matches.</param>
    /// <param name="due">How many messages it had to deliver, if that is what the leader had, and up to the barrier nothing has been written since.</param>
    /// <returns>Whether there is no initial data to wait for. True once.</returns>
    public bool OnConsumerCreated(ulong startsAfter, ulong? barrier, ulong? due = null)
    {
        _received = 0;
        _receivedBefore = 0;
        _looked = 0;
        _due = barrier >= _barrier ? due : null;
        _startsAfter = startsAfter;
        _barrier = Math.Max(_barrier, barrier ?? 0);
        if (IsInitialDataComplete)
        {
            // Anchors a watch for updates only: should it break before the first message, the next consumer still knows where to go on.
            _floor = Position is null ? startsAfter : _floor;
            Position ??= startsAfter;
        }

        return CompleteIf((Position ?? 0) >= _barrier);
    }

    /// <summary>A message was delivered.</summary>
    /// <returns><see langword="false"/> when one before it is missing.</returns>
    public bool Accept(ulong consumerSequence, ulong streamSequence)
    {
        if (consumerSequence != _received + 1)
        {
            return false;
        }

        _received = consumerSequence;
        Position = Math.Max(Position ?? 0, streamSequence);
        return true;
    }

    /// <summary>Whether the message just accepted was the last of the initial data. True once.</summary>
    public bool CompletesInitialData()
    {
        if (IsInitialDataComplete || Position < _barrier)
        {
            return false;
        }

        bool isWhole = Position == _barrier && _received - _receivedBefore == _due;
        NeedsBarrier = !isWhole && _round < MostRounds;
        return CompleteIf(!NeedsBarrier);
    }

    /// <summary>The consumer has told how far it is; the leader is asked next.</summary>
    /// <param name="delivered">How many messages it has delivered.</param>
    /// <param name="looked">How far in the stream it has looked, at least.</param>
    public void Looked(ulong delivered, ulong looked) => _looked = delivered == _received ? looked : _looked;

    /// <summary>Whether nothing is on its way, if this is the newest matching sequence that the leader has now.</summary>
    /// <param name="newest">The sequence; <see langword="null"/> if nothing matches any more.</param>
    public bool HasPassed(ulong? newest) => Math.Max(Position ?? 0, _looked) >= (newest ?? 0);

    /// <summary>The leader has told the newest matching sequence anew. Nothing has been taken in since it was asked.</summary>
    /// <param name="newest">The sequence; <see langword="null"/> if nothing matches any more.</param>
    /// <returns>Whether everything up to there has been delivered, and with it every key. True once.</returns>
    public bool MoveBarrier(ulong? newest)
    {
        // Asking only because nothing came is no round: a slow start would use them all up before the first message.
        _round += NeedsBarrier ? 1 : 0;
        NeedsBarrier = false;
        _barrier = newest ?? 0;

        // If as many come as there are sequences, none of them has been rewritten meanwhile.
        _due = newest - Position;
        _receivedBefore = _received;
        bool completes = CompleteIf(HasPassed(newest));
        if (completes)
        {
            Position = Math.Max(Position ?? 0, _looked);
        }

        return completes;
    }

    /// <summary>The consumer has told, by a heartbeat, that it had nothing to deliver.</summary>
    /// <param name="delivered">How many messages it has delivered.</param>
    /// <param name="looked">How far in the stream it has looked.</param>
    /// <returns>Whether it has passed the barrier, and everything it had to deliver has come. True once.</returns>
    public bool OnIdle(ulong delivered, ulong looked)
    {
        bool completes = CompleteIf(delivered == _received && looked >= _barrier);
        if (completes)
        {
            Position = Math.Max(Position ?? 0, looked);
        }

        return completes;
    }

    /// <summary>The consumer reads what the leader has, and has had nothing to deliver for a while, wherever the barrier is.</summary>
    /// <param name="delivered">How many messages it has delivered.</param>
    /// <returns>Whether everything it had to deliver has come. True once.</returns>
    public bool OnNothingPending(ulong delivered) => CompleteIf(delivered == _received);

    /// <summary>The server says that it has nothing to say.</summary>
    /// <param name="delivered">How many messages the consumer has delivered.</param>
    /// <param name="lastSequence">How far in the stream the consumer has looked.</param>
    /// <param name="isStalled">Whether it waits for our answer to its flow control.</param>
    /// <returns><see langword="false"/> when messages are missing.</returns>
    public bool OnHeartbeat(ulong delivered, ulong lastSequence, bool isStalled)
    {
        if (delivered > _received)
        {
            return false;
        }

        if (delivered == _received && !isStalled && IsInitialDataComplete)
        {
            // Messages that don't match the filters were passed over: no need to look at them again after a restart.
            Position = Math.Max(Position ?? 0, lastSequence);
        }

        return true;
    }

    private bool CompleteIf(bool condition)
    {
        bool completes = condition && !IsInitialDataComplete;
        if (completes)
        {
            IsInitialDataComplete = true;
            NeedsBarrier = false;
            Position ??= _startsAfter;
        }

        return completes;
    }
}
