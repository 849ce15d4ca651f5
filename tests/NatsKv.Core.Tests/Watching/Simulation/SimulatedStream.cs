namespace NatsKv.Tests.Watching.Simulation;

/// <summary>A stream as a log of changes, its leader, and two replicas that are behind by some of them.</summary>
internal sealed class SimulatedStream
{
    public SimulatedStream(DateTimeOffset created, int history)
    {
        Created = created;
        History = history;
        Leader = new SimulatedReplica(this);
        Replicas = [new SimulatedReplica(this), new SimulatedReplica(this)];
    }

    public DateTimeOffset Created { get; }

    public int History { get; }

    /// <summary>A key was written at a sequence (its deletion is a write too), or, without a key, the sequence vanished.</summary>
    public List<(ulong Sequence, string? Key)> Changes { get; } = [];

    public SimulatedReplica Leader { get; }

    public SimulatedReplica[] Replicas { get; }

    /// <summary>The newest matching sequence, as the leader tells it.</summary>
    public ulong? Newest => Leader.Latest() is { Count: > 0 } latest ? latest.Values.Max() : null;

    /// <summary>The watch's filter: there are other keys too.</summary>
    public static bool Matches(string key) => key[0] == 'w';

    public void Write(string key)
    {
        Changes.Add((Leader.LastSequence + 1, key));
        Leader.CatchUp(int.MaxValue);
    }

    /// <summary>A message expires, or is purged, without anything that tells of it.</summary>
    /// <returns>Its key.</returns>
    public string? Vanish(Random random)
    {
        if (Leader.Messages.Count == 0)
        {
            return null;
        }

        (ulong sequence, string key) = Leader.Messages.ElementAt(random.Next(Leader.Messages.Count));
        Changes.Add((sequence, null));
        Leader.CatchUp(int.MaxValue);
        return key;
    }
}
