namespace NatsKv;

/// <summary>A running watch. Disposing it stops the watch and removes its consumer from the server.</summary>
public interface INatsKvWatch : IAsyncDisposable, IDisposable
{
    /// <summary>How the watch stands now.</summary>
    NatsKvWatchState State { get; }

    /// <summary>The newest revision that the watch has seen, whether or not it matched the filters; 0 before the first.</summary>
    ulong LastRevision { get; }
}
