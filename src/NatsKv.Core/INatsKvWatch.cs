namespace NatsKv;

/// <summary>A running watch. Disposing it stops the watch and removes its consumer from the server.</summary>
public interface INatsKvWatch : IAsyncDisposable, IDisposable
{
    /// <summary>How the watch stands now.</summary>
    NatsKvWatchState State { get; }

    /// <summary>The newest revision handed over. See <see cref="NatsKvWatchStatus.LastRevision"/>.</summary>
    ulong LastRevision { get; }

    /// <summary>How the watch stands now, in one piece.</summary>
    NatsKvWatchStatus Status { get; }

    /// <summary>Waits until the watch is in a state; completes at once if it is.</summary>
    /// <param name="state">The state.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>How the watch stood when it was in that state.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="NatsKvException">The watch has stopped, so it will never be in that state.</exception>
    ValueTask<NatsKvWatchStatus> WaitForStateAsync(NatsKvWatchState state, CancellationToken cancellationToken = default);

    /// <summary>
    /// Waits until the initial data is complete and everything up to a revision has been handed over, whether or not the revision matched the
    /// filters: then what the handler has made of the entries contains a write that returned this revision.
    /// </summary>
    /// <param name="revision">The revision, as a write returned it.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Completes when it has been handed over.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="NatsKvException">The watch has stopped before.</exception>
    ValueTask WaitForRevisionAsync(ulong revision, CancellationToken cancellationToken = default);
}
