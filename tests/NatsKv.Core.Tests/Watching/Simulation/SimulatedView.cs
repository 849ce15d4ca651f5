using NatsKv.JetStream;
using NatsKv.TestKit;
using NatsKv.Watching;

namespace NatsKv.Tests.Watching.Simulation;

/// <summary>
/// Drives a cursor and a judge as the engine does, against a stream of which things go with and without a trace, and checks that in the end
/// the view holds what the stream holds, and that nothing was given anew without need.
/// </summary>
internal sealed class SimulatedView
{
    private static readonly WatchPlan AllKeys = WatchPlan.From(new NatsKvWatchOptions());

    private readonly Random _random;
    private readonly ManualTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddDays(400));
    private readonly bool _keysCanExpire;
    private readonly WatchCursor _cursor = new(WatchPlan.LatestOfEachKey);
    private readonly ViewedStream _stream;
    private readonly StreamJudge _judge;
    private readonly Queue<(ulong Consumer, ulong Sequence, ViewedStream.Stored Message)> _arrivals = new();
    private readonly Dictionary<string, ulong> _view = new(StringComparer.Ordinal);
    private Action? _copy;
    private StreamInfoResponse? _answer;
    private ulong _looked;
    private ulong _delivered;
    private bool _hasConsumer;
    private bool _wasSetBack;
    private bool _wasBehind;
    private bool _isMadeAnew;
    private bool _isVoid;
    private bool _isProven;
    private bool _isSettling;
    private bool _isWrong;
    private (ulong Sequence, DateTimeOffset Time) _newest;

    public SimulatedView(int seed, bool keysCanExpire, string filter)
    {
        _random = new Random(seed);
        _keysCanExpire = keysCanExpire;
        _stream = new ViewedStream(keysCanExpire, filter);
        _judge = new StreamJudge(_stream, _time, AllKeys with { Filters = [filter] }, _cursor);
        IsOfAllKeys = string.Equals(filter, ">", StringComparison.Ordinal);
        _stream.DuringLook = () =>
        {
            _isWrong = IsSomethingGone() || IsSomethingBack();
            Repeat(_isSettling ? 0 : _random.Next(3), Write);
        };
        Repeat(_random.Next(10), Write);
    }

    public int Resets { get; private set; }

    public int Looks => _stream.Looks;

    public int SetBacks { get; private set; }

    /// <summary>Whether a store was set back in a way that leaves nothing to see.</summary>
    public bool IsBeyondProof { get; private set; }

    private bool IsOfAllKeys { get; }

    public void Run(int steps)
    {
        for (int i = 0; i < steps && !IsBeyondProof; i++)
        {
            Step();
        }

        if (IsBeyondProof)
        {
            return;
        }

        // What is purged of some keys only, while others are written, shows at the end of the next interruption.
        if (!IsOfAllKeys || _keysCanExpire)
        {
            Kill();
        }

        _isSettling = true;
        for (int i = 0; i < 25 && !IsBeyondProof; i++)
        {
            Settle();
        }

        if (IsBeyondProof)
        {
            return;
        }

        Assert.True(_isProven, "The watch was never proven in the end.");
        Assert.Equal(
            string.Join(' ', _stream.Live().Select(static pair => $"{pair.Key}@{pair.Value}").Order(StringComparer.Ordinal)),
            string.Join(' ', _view.Select(static pair => $"{pair.Key}@{pair.Value}").Order(StringComparer.Ordinal)));
    }

    private static void Repeat(int times, Action action)
    {
        for (; times > 0; times--)
        {
            action();
        }
    }

    private void Step()
    {
        Pass(_random.Next(200));
        switch (_random.Next(100))
        {
            case < 25:
                Write();
                break;
            case < 32:
                _stream.Vanish(_random);
                break;
            case < 50:
                Deliver();
                break;
            case < 72:
                Take();
                break;
            case < 80:
                Heartbeat();
                break;
            case < 90:
                Ask();
                break;
            case < 95:
                Kill();
                break;
            case < 96:
                _stream.Purge();
                break;
            case < 97:
                _copy = _random.Next(2) == 0 ? _stream.Copy() : _copy;
                break;
            case < 98:
                SetBack();
                break;
            case < 99 when _random.Next(3) == 0:
                _stream.MakeAnew();
                _isMadeAnew = true;
                _copy = null;
                Kill();
                break;
            default:
                Pass(2000);
                break;
        }

        Judge();
    }

    private void Settle()
    {
        Pass(100);
        for (int i = 0; i < 60; i++)
        {
            Deliver();
            Take();
        }

        Heartbeat();
        Ask();
        Judge();
    }

    private void Pass(int milliseconds)
    {
        _stream.Pass(TimeSpan.FromMilliseconds(milliseconds));
        _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
    }

    private void Write() => _stream.Write($"{(_random.Next(4) == 0 ? 'x' : 'w')}{_random.Next(6)}", _random.Next(3) > 0);

    private void SetBack()
    {
        if (_copy is null)
        {
            return;
        }

        Kill();
        _wasBehind = _cursor.Position < _stream.Last;
        _copy();
        _copy = null;
        _wasSetBack = true;
        SetBacks++;
        Repeat(_random.Next(12), Write);
    }

    private void Start()
    {
        StreamInfoResponse info = _stream.Info;
        bool accepts = Done(_judge.AcceptsAsync(info, default));
        if (accepts && _wasSetBack && _wasBehind)
        {
            // A change that was lost may have made the consumer pass over an older one that is there again now, and nobody can see it.
            IsBeyondProof = true;
        }
        else if (accepts && _wasSetBack && _newest.Sequence > 0)
        {
            // It must be the same stream up to the newest message, as far as there is anything to see.
            IsBeyondProof = Done(_stream.TimeOfAsync(_newest.Sequence, default)) != _newest.Time;
        }

        if (!accepts)
        {
            Assert.True(_wasSetBack || _isMadeAnew || _isVoid, "A reset without need.");
            Resets++;
            _isVoid = false;
            _view.Clear();
            _newest = default;
            _isMadeAnew = false;
        }

        _wasSetBack = false;
        (string policy, ulong? sequence) = _cursor.Start(_judge.Proven);
        _looked = policy == "by_start_sequence" ? sequence!.Value - 1 : 0;
        ulong startsAfter = _looked;
        _delivered = 0;
        _hasConsumer = true;
        Repeat(_random.Next(2), Write);
        _cursor.OnConsumerCreated(startsAfter, _cursor.IsInitialDataComplete ? null : _stream.Newest());
        _answer = info;
    }

    private void Deliver()
    {
        if (!_hasConsumer)
        {
            Start();
        }
        else if (_stream.Next(_looked) is { } next)
        {
            _looked = next.Sequence;
            _arrivals.Enqueue((++_delivered, next.Sequence, next.Message));
        }
        else
        {
            _looked = Math.Max(_looked, _stream.Last);
        }
    }

    private void Take()
    {
        if (_cursor.NeedsBarrier)
        {
            _cursor.MoveBarrier(_stream.Newest());
        }

        if (!_hasConsumer || !_arrivals.TryDequeue(out (ulong Consumer, ulong Sequence, ViewedStream.Stored Message) arrival))
        {
            return;
        }

        Assert.True(_cursor.Accept(arrival.Consumer, arrival.Sequence));
        bool isLive = arrival.Message.IsLive;
        _cursor.CompletesInitialData();
        _newest = (arrival.Sequence, arrival.Message.Time);
        _isProven = false;
        if (isLive)
        {
            _view[arrival.Message.Key] = arrival.Sequence;
        }
        else
        {
            _view.Remove(arrival.Message.Key);
        }

        DateTimeOffset time = arrival.Message.Time;
        long nanoseconds = (time - DateTimeOffset.UnixEpoch).Ticks * 100;
        Assert.True(AckSubject.TryParse(System.Text.Encoding.ASCII.GetBytes($"$JS.ACK.s.c.1.{arrival.Sequence}.{arrival.Consumer}.{nanoseconds}.0"), out AckSubject ack));
        _judge.Delivered(ack, arrival.Message.Key, isLive ? NatsKvOperation.Put : NatsKvOperation.Delete);
    }

    private void Heartbeat()
    {
        if (_hasConsumer && _arrivals.Count == 0)
        {
            if (!_cursor.IsInitialDataComplete)
            {
                _cursor.MoveBarrier(_stream.Newest());
            }

            _cursor.OnHeartbeat(_delivered, _looked, isStalled: false);
        }
    }

    private void Ask()
    {
        if (_hasConsumer)
        {
            _answer = _stream.Info;
            _judge.Answered(_answer);
        }
    }

    private void Judge()
    {
        if (!_hasConsumer || !_cursor.IsInitialDataComplete || _answer is not { } answer || _cursor.Position < answer.State.LastSequence)
        {
            return;
        }

        _answer = null;
        if (_judge.Proves(answer))
        {
            _isProven = true;
            return;
        }

        Continuity continuity = Done(_judge.StillHoldsAsync(answer, default));
        _isProven = continuity == Continuity.Same;
        if (continuity == Continuity.Void)
        {
            _isVoid = true;
            Assert.True(_wasSetBack || _isMadeAnew || _isWrong, "A reset without need.");
            Kill();
        }
    }

    // What the view holds, the stream names no more, and nothing tells of it.
    private bool IsSomethingGone() => _view.Keys.Any(key => !_stream.Has(key));

    // What the view should hold and was passed over, in a store that was set back.
    private bool IsSomethingBack() => _stream.Live().Any(pair => pair.Value <= _cursor.Position && !_view.ContainsKey(pair.Key));

    private void Kill()
    {
        _hasConsumer = false;
        _arrivals.Clear();
        _judge.Interrupted();
        _isProven = false;
    }

    private static T Done<T>(ValueTask<T> task)
    {
        Assert.True(task.IsCompletedSuccessfully);
        return task.Result;
    }
}
