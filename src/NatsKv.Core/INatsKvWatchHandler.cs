namespace NatsKv;

/// <summary>Receives what a watch sees, in the server's order, one call at a time.</summary>
/// <remarks>
/// The calls may come on the connection's own thread: take the data over and return. A handler must not block and must not wait for the
/// client. An exception ends the watch and is reported through <see cref="OnInterrupted"/> first.
/// </remarks>
public interface INatsKvWatchHandler
{
    /// <summary>A revision of a key; the view is valid only during the call.</summary>
    /// <param name="entry">The revision.</param>
    void OnEntry(NatsKvEntryView entry);

    /// <summary>Everything that was there when the watch began has been reported. See <see cref="NatsKvWatchEventKind.InitialDataComplete"/>.</summary>
    void OnInitialDataComplete();

    /// <summary>What was reported is void. See <see cref="NatsKvWatchEventKind.Reset"/>.</summary>
    void OnReset();

    /// <summary>The watch could not start or was interrupted; it will try again by itself after a pause.</summary>
    /// <param name="cause">Why, for example a <see cref="NatsKvBucketNotFoundException"/> or <see cref="NatsKvConnectionException"/>.</param>
    void OnInterrupted(Exception cause);
}
