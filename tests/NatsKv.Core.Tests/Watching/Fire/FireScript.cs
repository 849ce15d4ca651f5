namespace NatsKv.Tests.Watching.Fire;

/// <summary>The steps that a seed stands for. Pure.</summary>
internal static class FireScript
{
    private static readonly FireStepKind[] OnOneServer =
    [
        FireStepKind.Cut, FireStepKind.CutFor, FireStepKind.CutFor, FireStepKind.Stall, FireStepKind.Swallow, FireStepKind.Kill, FireStepKind.Restart, FireStepKind.Pause,
        FireStepKind.Wipe, FireStepKind.SetBack, FireStepKind.Recreate, FireStepKind.PurgeAll, FireStepKind.PurgeSome, FireStepKind.LoseMarkers, FireStepKind.DeleteConsumer,
    ];

    // Nothing is purged here but by the bucket's deletion: a replica of nats-server 2.15 that misses a STREAM.PURGE may never catch up, and no
    // consumer on it either.
    private static readonly FireStepKind[] OnACluster =
    [
        FireStepKind.Cut, FireStepKind.CutFor, FireStepKind.Stall, FireStepKind.Swallow, FireStepKind.Kill, FireStepKind.Kill, FireStepKind.Restart, FireStepKind.Recreate,
        FireStepKind.DeleteConsumer, FireStepKind.StepDown, FireStepKind.StepDown, FireStepKind.IsolateOurs, FireStepKind.IsolateLeader,
    ];

    /// <summary>Steps without an end. Each kind comes once before any comes again, so that none is left out for long.</summary>
    public static IEnumerable<FireStep> From(int seed, bool isCluster)
    {
        var random = new Random(seed);
        FireStepKind[] kinds = [.. isCluster ? OnACluster : OnOneServer];
        while (true)
        {
            random.Shuffle(kinds);
            foreach (FireStepKind kind in kinds)
            {
                // Most of the time too little for the watch to have recovered from the step before.
                TimeSpan pause = TimeSpan.FromMilliseconds(random.Next(3) == 0 ? random.Next(2000, 4000) : random.Next(50, 1500));
                TimeSpan length = TimeSpan.FromMilliseconds(kind is FireStepKind.IsolateOurs or FireStepKind.IsolateLeader ? random.Next(2000, 16000) : random.Next(100, 3000));
                yield return new FireStep(pause, kind, length, random.Next(3));
            }
        }
    }
}
