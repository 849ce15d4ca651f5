using NatsKv.JetStream;
using NatsKv.Watching;

namespace NatsKv.Tests.Watching.Simulation;

/// <summary>A stream with the clock of its server, of which things go with and without a trace; and the answers its leader gives.</summary>
internal sealed class ViewedStream(bool keysCanExpire, string filter) : IStreamQuestions
{
    private readonly SortedDictionary<ulong, Stored> _messages = [];
    private DateTimeOffset _created = DateTimeOffset.UnixEpoch;
    private DateTimeOffset _lastTime;

    public DateTimeOffset Now { get; private set; } = DateTimeOffset.UnixEpoch.AddDays(1);

    public ulong Last { get; private set; }

    public bool HasNothing => _messages.Count == 0;

    /// <summary>Told how often names were asked for.</summary>
    public int Looks { get; private set; }

    /// <summary>What another client does while names are being asked for.</summary>
    public Action? DuringLook { get; set; }

    public bool IsReplicated { get; init; }

    public StreamInfoResponse Info => new()
    {
        Cluster = IsReplicated ? new StreamClusterDocument { Name = "cluster", Leader = "node" } : null,
        Created = _created,
        Time = Now,
        Config = new StreamConfigDocument
        {
            Name = "KV_b",
            MaxMessagesPerSubject = 1,
            Replicas = IsReplicated ? 3 : 1,
            AllowMessageTtl = keysCanExpire,
            SubjectDeleteMarkerTtl = keysCanExpire ? 1_000_000_000 : null,
        },
        State = new StreamStateDocument { Messages = _messages.Count, LastSequence = Last, LastTime = _lastTime, Subjects = _messages.Count },
    };

    private bool IsOfAllKeys => string.Equals(filter, ">", StringComparison.Ordinal);

    public void Pass(TimeSpan time) => Now += time;

    public ulong Write(string key, bool isLive)
    {
        Remove(key);
        Now = Now.AddTicks(10);
        _lastTime = Now;
        _messages.Add(++Last, new Stored(key, isLive, Now));
        return Last;
    }

    /// <summary>Removes a message as others may: on a bucket with expiry, markers of more than a second; else whatever is asked for.</summary>
    public void Vanish(Random random)
    {
        ulong[] candidates = [.. _messages
            .Where(message => !keysCanExpire || (!message.Value.IsLive && Now - message.Value.Time >= TimeSpan.FromSeconds(1)))
            .Select(static message => message.Key)];
        if (candidates.Length > 0)
        {
            _messages.Remove(candidates[random.Next(candidates.Length)]);
        }
    }

    public void Purge() => _messages.Clear();

    /// <summary>A crash brings back what had been purged, as servers' recovery of their store may.</summary>
    public void ComesBack(string key, ulong sequence) => _messages.Add(sequence, new Stored(key, IsLive: true, DateTimeOffset.UnixEpoch));

    public void MakeAnew()
    {
        _messages.Clear();
        _created = Now;
        _lastTime = default;
        Last = 0;
    }

    /// <summary>A copy that can be put back later.</summary>
    public Action Copy()
    {
        KeyValuePair<ulong, Stored>[] messages = [.. _messages];
        (ulong last, DateTimeOffset lastTime, DateTimeOffset created) = (Last, _lastTime, _created);
        return () =>
        {
            _messages.Clear();
            foreach ((ulong sequence, Stored message) in messages)
            {
                _messages.Add(sequence, message);
            }

            (Last, _lastTime, _created) = (last, lastTime, created);
        };
    }

    public (ulong Sequence, Stored Message)? Next(ulong after)
    {
        foreach ((ulong sequence, Stored message) in _messages)
        {
            if (sequence > after && Matches(message.Key))
            {
                return (sequence, message);
            }
        }

        return null;
    }

    public bool Has(string key) => _messages.Values.Any(message => string.Equals(message.Key, key, StringComparison.Ordinal));

    public Dictionary<string, ulong> Live() => _messages
        .Where(message => message.Value.IsLive && Matches(message.Value.Key))
        .ToDictionary(static message => message.Value.Key, static message => message.Key, StringComparer.Ordinal);

    public ulong? Newest() => _messages.Where(message => Matches(message.Value.Key)).Select(static message => (ulong?)message.Key).LastOrDefault();

    public ValueTask<StreamInfoResponse> AskLeaderAsync(CancellationToken cancellationToken) => new(Info);

    public ValueTask<DateTimeOffset?> TimeOfAsync(ulong sequence, CancellationToken cancellationToken) =>
        new(_messages.TryGetValue(sequence, out Stored message) ? message.Time : null);

    public ValueTask<bool> HasSinceAsync(DateTimeOffset time, ulong upTo, CancellationToken cancellationToken) =>
        new(_messages.Any(message => message.Key <= upTo && message.Value.Time >= time));

    public ValueTask NameAllAsync(KeyCensus census, CancellationToken cancellationToken)
    {
        Looks++;
        census.BeginLook();
        foreach ((ulong sequence, Stored message) in _messages.Where(message => Matches(message.Value.Key)))
        {
            census.Named(NatsKv.Keys.KeyHash.Of(message.Key), message.IsLive, sequence);
        }

        DuringLook?.Invoke();
        return default;
    }

    private bool Matches(string key) => IsOfAllKeys || key[0] == 'w';

    private void Remove(string key)
    {
        ulong[] present = [.. _messages.Where(message => string.Equals(message.Value.Key, key, StringComparison.Ordinal)).Select(static message => message.Key)];
        Array.ForEach(present, sequence => _messages.Remove(sequence));
    }

    internal readonly record struct Stored(string Key, bool IsLive, DateTimeOffset Time);
}
