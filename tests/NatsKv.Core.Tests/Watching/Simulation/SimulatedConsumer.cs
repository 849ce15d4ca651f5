using NatsKv.Watching;

namespace NatsKv.Tests.Watching.Simulation;

/// <summary>A consumer as a server runs it, on one of the stream's replicas.</summary>
internal sealed class SimulatedConsumer
{
    private readonly SimulatedReplica _replica;
    private readonly HashSet<ulong>? _latestAtStart;
    private readonly ulong _lastAtStart;

    public SimulatedConsumer(SimulatedReplica replica, string policy, ulong? startSequence)
    {
        _replica = replica;
        ulong first = replica.Messages.Count > 0 ? replica.Messages.Keys.First() : replica.LastSequence + 1;
        Looked = policy switch
        {
            "by_start_sequence" => startSequence!.Value - 1,
            WatchPlan.NewOnly => replica.LastSequence,
            _ => first - 1,
        };
        StartsAfter = Looked;
        if (policy == WatchPlan.LatestOfEachKey)
        {
            _lastAtStart = replica.LastSequence;
            _latestAtStart = [.. replica.Latest().Values];
        }
    }

    /// <summary>What the answer to its creation gives as delivered.</summary>
    public ulong StartsAfter { get; }

    /// <summary>How far it has looked, which its heartbeats tell.</summary>
    public ulong Looked { get; private set; }

    public ulong Delivered { get; private set; }

    /// <summary>What was delivered last, which its description tells instead on newer servers.</summary>
    public ulong LastDelivered { get; private set; }

    /// <summary>Whether its replica has everything that the leader has.</summary>
    public bool IsUpToDate => _replica.IsUpToDate;

    /// <summary>How many messages it has to deliver.</summary>
    public ulong Pending => (ulong)Waiting().Length;

    public (ulong ConsumerSequence, ulong StreamSequence, string Key)? Deliver()
    {
        KeyValuePair<ulong, string>[] waiting = Waiting();
        if (waiting.Length == 0)
        {
            Looked = Math.Max(Looked, _replica.LastSequence);
            return null;
        }

        Looked = waiting[0].Key;
        LastDelivered = Looked;
        return (++Delivered, waiting[0].Key, waiting[0].Value);
    }

    private KeyValuePair<ulong, string>[] Waiting() =>
        [.. _replica.Messages.Where(message => message.Key > Looked && IsWanted(message.Key, message.Value))];

    private bool IsWanted(ulong sequence, string key) =>
        SimulatedStream.Matches(key) && (_latestAtStart is null || sequence > _lastAtStart || _latestAtStart.Contains(sequence));
}
