using NatsKv.Buckets;
using NatsKv.JetStream;
using NatsKv.Keys;

namespace NatsKv.Watching;

/// <summary>
/// Judges whether what has been handed over still holds, whenever the leader has described the stream: before each start of a consumer, and
/// whenever everything up to the leader's last sequence has been handed over.
/// </summary>
/// <remarks>
/// A stream tells of each change with a message, as long as that message is there to be read. What goes without one, or with one that is gone
/// before it was read, shows in numbers only: an expiry whose marker has expired, cleared markers, a purged stream. So the stream is marked
/// whenever everything has been handed over, and compared with the mark the next time. While a consumer follows without a delay nothing can
/// be lost but what never had a message. After an interruption, or when the reader was behind for longer than the shortest life of a marker,
/// everything can: then it is settled exactly, by numbers if they suffice, else by name. No rule of time decides, except whether to ask.
/// </remarks>
internal sealed class StreamJudge
{
    private const int VoidsInARow = 2;
    private const int LongestWait = 3;

    // Markers live a second at least.
    private static readonly TimeSpan LongestLag = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ShortestMarkerLife = TimeSpan.FromSeconds(1);

    private readonly IStreamQuestions _leader;
    private readonly TimeProvider _time;
    private readonly WatchPlan _plan;
    private readonly WatchCursor _cursor;
    private readonly KeyCensus? _census;
    private readonly LagGauge _lag = new();
    private BucketTraits? _traits;
    private DateTimeOffset? _created;
    private StreamMark? _mark;
    private StreamMark? _verified;
    private StoredAt _newest;
    private HashSet<ulong>? _missing;
    private ulong _missingSince;
    private int _voids;
    private int _waited;
    private bool _isInDoubt;
    private bool _isVoid;

    public StreamJudge(IStreamQuestions leader, TimeProvider time, WatchPlan plan, WatchCursor cursor)
    {
        _leader = leader;
        _time = time;
        _plan = plan;
        _cursor = cursor;
        _census = plan is { IsView: true, IsFinite: false } ? new KeyCensus() : null;
    }

    /// <summary>The newest sequence whose message is known, if one is.</summary>
    public ulong? Proven => _newest.Sequence > 0 ? _newest.Sequence : null;

    private bool CanExpire => _traits is { MaxAge: not null } or { AllowsKeyTtl: true };

    private bool ExpiresInSilence => CanExpire && _traits!.LimitMarkerTtl is null;

    private bool IsOfAllKeys => _plan.Filters is [">"];

    /// <summary>So many messages are about to come.</summary>
    public void Expect(long messages) => _census?.Reserve(messages);

    /// <summary>A message was taken in: called for each, also for those that the reader doesn't want to see.</summary>
    public void Delivered(in AckSubject ack, string key, NatsKvOperation operation)
    {
        _newest = new StoredAt(ack.StreamSequence, ack.Time);
        _census?.Note(KeyHash.Of(key), operation == NatsKvOperation.Put, ack.StreamSequence);
        if (CanExpire && !_isInDoubt && _cursor.IsInitialDataComplete)
        {
            // A marker that was to come right behind this message may be gone by the time the reader gets there.
            _isInDoubt = _lag.Since(ack.Time, _time.GetUtcNow()) > LongestLag;
        }
    }

    /// <summary>A consumer is lost: until the next satisfied proof, things may happen that nobody tells.</summary>
    public void Interrupted() => _isInDoubt = true;

    /// <summary>The leader has just given an answer. From any thread.</summary>
    public void Answered(StreamInfoResponse leader) => _lag.Synchronize(leader.Time, _time.GetUtcNow());

    /// <summary>Whether the leader doesn't know yet, or not any more, what has been handed over.</summary>
    public bool IsBehind(StreamInfoResponse leader) => leader.Created == _created && leader.State.LastSequence < _cursor.Position;

    /// <summary>Before a consumer is made: whether it can go on where the cursor stands.</summary>
    /// <param name="leader">The leader's word.</param>
    /// <param name="cancellationToken">Ends the questions.</param>
    /// <returns><see langword="false"/> when everything handed over is void; the cursor starts over then.</returns>
    public async ValueTask<bool> AcceptsAsync(StreamInfoResponse leader, CancellationToken cancellationToken)
    {
        StreamMark now = StreamMark.From(leader);
        Answered(leader);
        bool accepts = !_isVoid
            && _cursor.Recognize(now.Created, now.Last)
            && !await IsRewrittenAsync(now, cancellationToken).ConfigureAwait(false);
        bool isFirst = _created is null;
        _traits = BucketTraits.From(leader);
        _created = now.Created;
        _isVoid = false;
        if (!accepts)
        {
            _cursor.StartOver();
            _cursor.Recognize(now.Created, now.Last);
        }

        if (isFirst || !accepts || _cursor.Position is null)
        {
            // Nothing has been handed over yet: what will be is of this moment, or younger. But a replica that is behind may hand over what is gone
            // by now, before it removes that in silence: there, nothing is taken for granted until the leader's own numbers or names confirm it.
            _mark = now;
            _verified = leader.IsReplicated ? null : now;
            _newest = default;
            _missing = null;

            // Where keys expire in silence, some do all the time; to give everything anew for that would never end.
            _isInDoubt = _census is not null && !ExpiresInSilence;
            _census?.Clear(keepsRemoved: !CanExpire);
        }
        else if (_mark?.Last > _newest.Sequence)
        {
            // Only what has been handed over is known to be the same; the mark was of more.
            _mark = null;
            _verified = null;
        }

        return accepts;
    }

    /// <summary>
    /// Everything up to the leader's last sequence has been handed over, and the initial data is complete. Called by the watch's loop, between
    /// two messages.
    /// </summary>
    /// <param name="leader">The leader's word.</param>
    /// <returns><see langword="false"/> when that alone doesn't prove the view: then <see cref="StillHoldsAsync"/> decides.</returns>
    public bool Proves(StreamInfoResponse leader)
    {
        StreamMark now = StreamMark.From(leader);
        Continuity continuity = WatchContinuity.Compare(_census is null ? _mark : _verified, 0, now);
        bool isEven = continuity switch
        {
            Continuity.Same or Continuity.Grown => !_isInDoubt || KeysDiffer(now) is not true,
            Continuity.Doubtful => KeysDiffer(now) is false,
            _ => false,
        };
        bool proves = leader.Created == _created && _missing is null
            && (isEven || (continuity == Continuity.Doubtful && (_census is null ? !_isInDoubt || !MayHaveLapsed(now) : !_isInDoubt && !IsSuspicious(_census, now))));
        if (proves)
        {
            Take(now, isEven);
        }

        return proves;
    }

    /// <summary>Decides what <see cref="Proves"/> could not. Called by the watch's loop, which takes in nothing meanwhile.</summary>
    /// <param name="leader">The leader's word that was doubtful.</param>
    /// <param name="cancellationToken">The consumer has ended.</param>
    /// <returns>
    /// <see cref="Continuity.Same"/> when it holds; <see cref="Continuity.Void"/> when everything handed over is void: give the consumer up;
    /// <see cref="Continuity.Doubtful"/> when more has to be handed over first: then the next proof decides.
    /// </returns>
    public async ValueTask<Continuity> StillHoldsAsync(StreamInfoResponse leader, CancellationToken cancellationToken)
    {
        StreamMark now = StreamMark.From(leader);
        if (IsBehind(leader) && IsBehind(await _leader.AskLeaderAsync(cancellationToken).ConfigureAwait(false)))
        {
            // A leader of a moment may not have taken in everything yet. Where others write all the time, its word is merely older than what was handed over.
            return Continuity.Doubtful;
        }

        Continuity result = leader.Created != _created || _census is null || WatchContinuity.Compare(_verified, 0, now) == Continuity.Void
            ? Continuity.Void
            : await LookAsync(_census, cancellationToken).ConfigureAwait(false);
        _isVoid = result == Continuity.Void;
        if (result == Continuity.Same)
        {
            Take(now, isVerified: true);
        }

        return result;
    }

    private void Take(StreamMark now, bool isVerified)
    {
        _mark = now;
        _verified = isVerified ? now : _verified;
        _isInDoubt = false;
        if (now.Last > _newest.Sequence)
        {
            _newest = new StoredAt(now.Last, now.LastTime);
        }
    }

    // A crash may have taken the last writes with it, or an older copy of the store be in place, which keeps the stream's creation time. If it
    // has overtaken us since, other messages stand at numbers that we believe to know.
    private async ValueTask<bool> IsRewrittenAsync(StreamMark now, CancellationToken cancellationToken)
    {
        if (_newest.Sequence == 0 || _newest.Time == default)
        {
            return false;
        }

        if (now.Last == _newest.Sequence)
        {
            return now.LastTime != _newest.Time;
        }

        // Where the message is gone, overwritten most likely, time tells: up to its number nothing may be younger.
        return await _leader.TimeOfAsync(_newest.Sequence, cancellationToken).ConfigureAwait(false) is { } time
            ? time != _newest.Time
            : await _leader.HasSinceAsync(_newest.Time.AddTicks(1), _newest.Sequence, cancellationToken).ConfigureAwait(false);
    }

    private bool MayHaveLapsed(StreamMark now) =>
        CanExpire && (now.ServerTime is null || now.ServerTime - _mark?.ServerTime is not { } passed || passed >= ShortestMarkerLife);

    // Where every name that the server has was told of, they are as many as are known here, unless one of these is gone, or one came back that had
    // been purged, as a crash may bring about.
    private bool? KeysDiffer(StreamMark now) =>
        IsOfAllKeys && _census is { KeepsRemoved: true } census && census.AddedAfter(now.Last) is { } added ? census.Count - added != now.Subjects : null;

    // While nothing is missed, only what somebody purges goes in silence. What can't be seen at once is found after the next interruption.
    // Where keys expire without a marker, the view is behind at any time, as is documented; only when all is gone it is given up.
    private bool IsSuspicious(KeyCensus census, StreamMark now) =>
        ExpiresInSilence || (!IsOfAllKeys && CanExpire) ? now.Messages == 0 && census.Live > 0
            : IsOfAllKeys ? now.Subjects < (census.KeepsRemoved ? census.Count : census.Live) - census.AddedAfter(now.Last)
            : now.Subjects < _mark?.Subjects;

    private async ValueTask<Continuity> LookAsync(KeyCensus census, CancellationToken cancellationToken)
    {
        await _leader.NameAllAsync(census, cancellationToken).ConfigureAwait(false);
        if (census.OldestStranger <= _cursor.Position)
        {
            // It is not on its way to us: a crash has brought back what had been purged, or a marker is gone but not what it stood for.
            return MayGiveAnew() ? Continuity.Void : Continuity.Doubtful;
        }

        HashSet<ulong> missing = census.LiveUnnamed();
        if (missing.Count == 0)
        {
            census.ForgetRemovedUnnamed();
            _missing = null;
            _voids = 0;
            return Continuity.Same;
        }

        bool wasToldEverything = _missing is { } before && before.Overlaps(missing) && _cursor.Position >= _missingSince;
        if (!wasToldEverything)
        {
            // A removal that is on its way to us is no silent one: what went before now has been told when we have come to here.
            StreamInfoResponse leader = await _leader.AskLeaderAsync(cancellationToken).ConfigureAwait(false);
            _missing = missing;
            _missingSince = leader.State.LastSequence;
            wasToldEverything = _cursor.Position >= _missingSince;
        }

        return wasToldEverything && MayGiveAnew() ? Continuity.Void : Continuity.Doubtful;
    }

    // A reader that takes longer for everything than a marker lives would begin again and again: then it stays unproven for a while instead.
    private bool MayGiveAnew()
    {
        if (_voids >= VoidsInARow && ++_waited < 1 << Math.Min(_voids, LongestWait))
        {
            return false;
        }

        _voids++;
        _waited = 0;
        return true;
    }
}
