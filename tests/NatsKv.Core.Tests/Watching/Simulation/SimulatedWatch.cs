using NatsKv.Watching;

namespace NatsKv.Tests.Watching.Simulation;

/// <summary>
/// Drives a cursor as the engine does, against a stream that is written, expires, lags, loses consumers and messages and is made anew, and
/// checks at each step what a watch promises.
/// </summary>
internal sealed class SimulatedWatch
{
    private const int RoundsThatMayNotDo = 16;

    private readonly Random _random;
    private readonly string _policy;
    private readonly int _history;
    private readonly bool _hasManyFilters;
    private readonly bool _hasHotKey;
    private readonly WatchCursor _cursor;
    private readonly Queue<Arrival> _arrivals = new();
    private readonly Dictionary<string, ulong> _view = new(StringComparer.Ordinal);

    // With history, an older revision comes back to life when the newest vanishes, and a server doesn't deliver it to a consumer that
    // was to get the newest: nothing that a client could do about.
    private readonly HashSet<string> _vanished = new(StringComparer.Ordinal);
    private SimulatedStream _stream;
    private SimulatedConsumer? _consumer;
    private Dictionary<string, ulong>? _atStart;
    private ulong _lastHandedOver;
    private ulong? _updatesAfter;
    private int _streams;
    private int _completions;
    private int _rounds;
    private bool _isQuiet;

    public SimulatedWatch(int seed, string policy, int history)
    {
        _random = new Random(seed);
        _policy = policy;
        _history = history;
        _cursor = new WatchCursor(policy);
        _hasManyFilters = seed % 2 == 1;
        _hasHotKey = seed % 3 == 0;
        _completions = _cursor.IsInitialDataComplete ? 1 : 0;
        _stream = NewStream();
    }

    private sealed record Arrival(bool IsHeartbeat, ulong ConsumerSequence, ulong StreamSequence, string Key);

    public int Resets { get; private set; }

    public int Kills { get; private set; }

    /// <summary>Completions at which every key of the start was checked.</summary>
    public int Checked { get; private set; }

    public void Run(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            Step();
        }

        Settle();
    }

    private void Step()
    {
        if (_hasHotKey && _random.Next(2) == 0)
        {
            // The second writer.
            _stream.Write("w0");
        }

        switch (_random.Next(100))
        {
            case < 25:
                _stream.Write($"{(_random.Next(4) == 0 ? 'x' : 'w')}{_random.Next(6)}");
                break;
            case < 28:
                if (_stream.Vanish(_random) is { } vanished)
                {
                    // What is written to it later is news, and not of the start.
                    _atStart?.Remove(vanished);
                    _vanished.Add(vanished);
                }

                break;
            case < 45:
                _stream.Replicas[_random.Next(2)].CatchUp(_random.Next(1, 6));
                break;
            case < 65:
                Deliver();
                break;
            case < 88:
                Take();
                break;
            case < 92:
                Heartbeat();
                break;
            case < 94:
                LoseAMessage();
                break;
            case < 96:
                // Nothing has come for a while.
                MoveBarrier(isPatience: true);
                break;
            case < 99:
                Kill();
                break;
            default:
                MakeAnew();
                break;
        }
    }

    private void Settle()
    {
        _isQuiet = true;
        Array.ForEach(_stream.Replicas, static replica => replica.CatchUp(int.MaxValue));
        for (int i = 0; i < 200; i++)
        {
            Deliver();
            if (i < 100 && _random.Next(10) == 0)
            {
                // Possibly the very last message: only a heartbeat tells.
                LoseAMessage();
            }

            Take();
            MoveBarrier(isPatience: true);
            if (_arrivals.Count == 0)
            {
                Heartbeat();
            }
        }

        Assert.Equal(1, _completions);
        foreach ((string key, ulong sequence) in _stream.Leader.Latest())
        {
            bool mayBeOld = _history > 1 && _vanished.Contains(key);
            if (!mayBeOld && (_policy != WatchPlan.NewOnly || Resets > 0 || sequence > _updatesAfter))
            {
                Assert.True(_view.GetValueOrDefault(key) == sequence, $"Key {key} is at {sequence}, and the watch gave {_view.GetValueOrDefault(key)} last.");
            }
        }
    }

    private void Start()
    {
        if (!_cursor.Recognize(_stream.Created, _stream.Leader.LastSequence))
        {
            Resets++;
            _completions = 0;
            _view.Clear();
            _lastHandedOver = 0;
            _atStart = null;
            _rounds = 0;
        }

        _atStart ??= _stream.Leader.Latest();
        (string policy, ulong? sequence) = _cursor.Start();
        Assert.True(policy != WatchPlan.NewOnly || _updatesAfter is null, "A watch for updates asked for new ones a second time.");
        _arrivals.Clear();
        ulong before = _stream.Leader.LastSequence;
        MaybeWrite();
        _consumer = new SimulatedConsumer(_stream.Replicas[_random.Next(2)], policy, sequence);
        ulong? pending = _consumer.IsUpToDate ? _consumer.Pending : null;
        if (policy == WatchPlan.NewOnly)
        {
            _updatesAfter = _stream.Leader.LastSequence;
        }

        MaybeWrite();
        ulong? barrier = _cursor.IsInitialDataComplete ? null : Newest();
        MaybeWrite();
        Complete(_cursor.OnConsumerCreated(_consumer.StartsAfter, barrier, barrier <= before ? pending : null));
    }

    private void Deliver()
    {
        if (_consumer is null)
        {
            Start();
        }
        else if (_consumer.Deliver() is { } message)
        {
            _arrivals.Enqueue(new Arrival(false, message.ConsumerSequence, message.StreamSequence, message.Key));
        }
    }

    private void Heartbeat()
    {
        // Only when there is nothing else to send.
        if (_consumer is { Pending: 0 })
        {
            _arrivals.Enqueue(new Arrival(true, _consumer.Delivered, _consumer.Looked, ""));
        }
    }

    private void LoseAMessage()
    {
        if (_arrivals.Count > 0)
        {
            _arrivals.Dequeue();
        }
    }

    private void Take()
    {
        if (_cursor.NeedsBarrier)
        {
            MoveBarrier(isPatience: false);
            return;
        }

        if (_consumer is null || !_arrivals.TryDequeue(out Arrival? arrival))
        {
            return;
        }

        if (arrival.IsHeartbeat)
        {
            if (!_cursor.OnHeartbeat(arrival.ConsumerSequence, arrival.StreamSequence, isStalled: false))
            {
                Kill();
                return;
            }

            Complete(_cursor.OnIdle(arrival.ConsumerSequence, arrival.StreamSequence));
        }
        else if (!_cursor.Accept(arrival.ConsumerSequence, arrival.StreamSequence))
        {
            Kill();
        }
        else
        {
            Assert.True(arrival.StreamSequence > _lastHandedOver, $"{arrival.StreamSequence} came after {_lastHandedOver}.");
            _lastHandedOver = arrival.StreamSequence;
            _view[arrival.Key] = arrival.StreamSequence;
            Complete(_cursor.CompletesInitialData());
        }
    }

    private void MoveBarrier(bool isPatience)
    {
        if (_consumer is null || (isPatience && (_cursor.IsInitialDataComplete || _cursor.NeedsBarrier || _arrivals.Count > 0)))
        {
            return;
        }

        _rounds += isPatience ? 0 : 1;
        bool isNothingPending = false;
        ulong delivered = _consumer.Delivered;
        if (isPatience)
        {
            _cursor.Looked(delivered, _hasManyFilters ? _consumer.LastDelivered : _consumer.Looked);
            isNothingPending = _hasManyFilters && _consumer.IsUpToDate && _consumer.Pending == 0;
            MaybeWrite();
        }

        ulong? newest = Newest();
        MaybeWrite();
        Complete(_cursor.MoveBarrier(newest) || (isNothingPending && _cursor.OnNothingPending(delivered)));
    }

    // With many filters, the newest sequence of all is asked for instead of the newest that matches.
    private ulong? Newest() => _hasManyFilters ? _stream.Leader.LastSequence : _stream.Newest;

    private void Kill()
    {
        Kills++;
        _consumer = null;
        _arrivals.Clear();
    }

    private void MakeAnew()
    {
        if (_random.Next(4) == 0)
        {
            _stream = NewStream();
            _vanished.Clear();
            Kill();
        }
    }

    private void MaybeWrite()
    {
        if (!_isQuiet && _random.Next(3) == 0)
        {
            _stream.Write($"w{_random.Next(6)}");
        }
    }

    private void Complete(bool completes)
    {
        if (!completes)
        {
            return;
        }

        Assert.Equal(1, ++_completions);
        if (_rounds >= RoundsThatMayNotDo)
        {
            return;
        }

        Checked++;
        foreach ((string key, ulong sequence) in _atStart!)
        {
            bool mayBeOld = _history > 1 && _vanished.Contains(key);
            Assert.True(mayBeOld || _view.GetValueOrDefault(key) >= sequence, $"Complete without key {key}, which was at {sequence} at the start.");
        }
    }

    private SimulatedStream NewStream()
    {
        var stream = new SimulatedStream(DateTimeOffset.UnixEpoch.AddSeconds(_streams++), _history);
        for (int i = _random.Next(12); i > 0; i--)
        {
            stream.Write($"{(_random.Next(4) == 0 ? 'x' : 'w')}{_random.Next(6)}");
        }

        Array.ForEach(stream.Replicas, replica => replica.CatchUp(_random.Next(12)));
        return stream;
    }
}
