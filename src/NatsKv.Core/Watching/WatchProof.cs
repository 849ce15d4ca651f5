using NatsKv.JetStream;

namespace NatsKv.Watching;

/// <summary>
/// Whether what has been handed over is proven to be what the bucket holds. Pure. Heartbeats prove nothing: a server that is cut off from the
/// others sends them for ever. So the leader is asked once in a while, one question at a time; when everything up to the last sequence of its
/// answer has been handed over, that proves the view as of the moment of asking, not of the answer.
/// </summary>
internal sealed class WatchProof(TimeSpan interval)
{
    /// <summary>How many intervals a proof is good for: one until the next question, one until a heartbeat tells how far the consumer has looked, one to spare.</summary>
    public const int GoodIntervals = 3;

    private const int MostUnanswered = 2;

    private WatchMoment? _asked;
    private WatchMoment _lastAsked;
    private ulong _positionWhenAsked;
    private StreamInfoResponse? _answer;
    private DateTimeOffset _created;
    private WatchMoment? _satisfied;
    private int _unanswered;

    /// <summary>When the question was asked whose answer has been handed over entirely.</summary>
    public WatchMoment? Last { get; private set; }

    public bool IsFreshAt(WatchMoment now) => Last is { } last && now.Since(last) < interval * GoodIntervals;

    /// <summary>Whether to ask now. Ticks come once in an interval, give or take.</summary>
    public bool IsDueAt(WatchMoment now) => _asked is null && now.Since(_lastAsked) >= interval / 2;

    /// <summary>Whether there is something behind a position, by the leader's last word, that a consumer has not come to.</summary>
    public bool ExpectsMoreThan(ulong position) => _satisfied is null && _answer is { } answer && position < answer.State.LastSequence;

    /// <summary>A consumer was made, after the leader had been asked.</summary>
    public void Started(WatchMoment asked, StreamInfoResponse answer)
    {
        Asked(asked, 0);
        _answer = answer;
        _created = answer.Created;
        _unanswered = 0;
    }

    /// <summary>The leader is being asked.</summary>
    public void Asked(WatchMoment now, ulong position)
    {
        _asked = now;
        _lastAsked = now;
        _positionWhenAsked = position;
        _answer = null;
        _satisfied = null;
    }

    /// <summary>The leader has answered.</summary>
    /// <returns><see langword="false"/> when it is another stream, or one that was set back.</returns>
    public bool Answered(StreamInfoResponse answer)
    {
        _unanswered = 0;
        _answer = answer;
        return answer.Created == _created && answer.State.LastSequence >= _positionWhenAsked;
    }

    /// <summary>Nobody has answered. One such question may be lost in an election.</summary>
    /// <returns><see langword="false"/> when it was one too many.</returns>
    public bool Unanswered()
    {
        _asked = null;
        return ++_unanswered < MostUnanswered;
    }

    /// <summary>Everything up to a position has been handed over.</summary>
    /// <param name="position">The position.</param>
    /// <param name="completed">
    /// The moment at which the leader was asked for the end of the initial data, if that has just been reached: then everything of that moment
    /// has been handed over, wherever the last sequence is that matches nothing.
    /// </param>
    /// <returns>The answer that this satisfies: to be judged, and then <see cref="Hold"/> or <see cref="Abandon"/>.</returns>
    public StreamInfoResponse? HandedOver(ulong position, WatchMoment? completed)
    {
        if (_answer is null || _satisfied is not null || (completed is null && position < _answer.State.LastSequence))
        {
            return null;
        }

        _satisfied = completed ?? _asked;
        return _answer;
    }

    /// <summary>The answer that was satisfied is a proof.</summary>
    public void Hold()
    {
        Last = _satisfied;
        Abandon();
    }

    /// <summary>The question under way doesn't count any more.</summary>
    public void Abandon()
    {
        _asked = null;
        _answer = null;
        _satisfied = null;
    }
}
