namespace NatsKv.Tests.Watching.Simulation;

/// <summary>One server's copy of a stream: what the first so many changes have left.</summary>
internal sealed class SimulatedReplica(SimulatedStream stream)
{
    public SortedDictionary<ulong, string> Messages { get; } = [];

    public ulong LastSequence { get; private set; }

    public int Applied { get; private set; }

    public bool IsUpToDate => Applied == stream.Changes.Count;

    /// <summary>Applies some of the changes that it doesn't have yet.</summary>
    public void CatchUp(int most)
    {
        for (; most > 0 && Applied < stream.Changes.Count; most--)
        {
            (ulong sequence, string? key) = stream.Changes[Applied++];
            if (key is null)
            {
                Messages.Remove(sequence);
                continue;
            }

            Messages.Add(sequence, key);
            LastSequence = sequence;
            ulong[] kept = [.. Messages.Where(message => message.Value == key).Select(static message => message.Key)];
            foreach (ulong old in kept.SkipLast(stream.History))
            {
                Messages.Remove(old);
            }
        }
    }

    public Dictionary<string, ulong> Latest()
    {
        var latest = new Dictionary<string, ulong>(StringComparer.Ordinal);
        foreach ((ulong sequence, string key) in Messages.Where(static message => SimulatedStream.Matches(message.Value)))
        {
            latest[key] = sequence;
        }

        return latest;
    }
}
