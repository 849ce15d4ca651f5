using System.Buffers;

namespace NatsKv;

/// <summary>A Key/Value bucket. More forms of these operations are extension methods in <see cref="NatsKvBucketExtensions"/>.</summary>
/// <remarks>
/// Keys are validated before anything is sent: letters, digits and <c>-_/=.</c>, no leading or trailing dot and no two in a row (ADR-8).
/// A miss is <see langword="null"/> or <see langword="false"/>; a broken rule is an <see cref="ArgumentException"/>; everything that the
/// server or the connection refuses is a <see cref="NatsKvException"/>.
/// </remarks>
public interface INatsKvBucket
{
    /// <summary>The bucket's name.</summary>
    string Name { get; }

    /// <summary>The same operations for callers that can't await.</summary>
    INatsKvBlockingBucket Blocking { get; }

    /// <summary>Reads a key without copying its value first.</summary>
    /// <typeparam name="TState">What is passed to <paramref name="reader"/>.</typeparam>
    /// <typeparam name="TResult">What <paramref name="reader"/> makes of the entry.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="state">Handed to <paramref name="reader"/>.</param>
    /// <param name="reader">Called once if the key is there; see its remarks for what it may do.</param>
    /// <param name="options">How to read.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>What <paramref name="reader"/> returned, or <see langword="default"/> if there is no such key.</returns>
    /// <exception cref="ArgumentException">The key is not a legal key.</exception>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    ValueTask<TResult?> ReadAsync<TState, TResult>(
        string key,
        TState state,
        NatsKvEntryReader<TState, TResult> reader,
        NatsKvReadOptions options = default,
        CancellationToken cancellationToken = default);

    /// <summary>Reads one revision of a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The entry, a marker included, or <see langword="null"/> if that revision is not kept or is another key's.</returns>
    /// <exception cref="ArgumentException">The key is not a legal key.</exception>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    ValueTask<NatsKvEntry?> GetRevisionAsync(string key, ulong revision, CancellationToken cancellationToken = default);

    /// <summary>Stores a value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The bytes; the caller may reuse them when the task has completed.</param>
    /// <param name="options">TTL, headers, expected revision.</param>
    /// <param name="cancellationToken">Gives up waiting; whether the value was stored is then unknown.</param>
    /// <returns>The new revision.</returns>
    /// <exception cref="NatsKvRevisionMismatchException">The key's latest revision is not <see cref="NatsKvWriteOptions.ExpectedRevision"/>.</exception>
    /// <exception cref="NatsKvNotSupportedException">A TTL was asked for on a bucket without limit markers.</exception>
    /// <exception cref="NatsKvOutcomeUnknownException">
    /// No answer came, and what became of the write could not be found out in time; see <see cref="NatsKvWriteOptions.ResolveOutcome"/>.
    /// </exception>
    ValueTask<ulong> PutAsync(string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default);

    /// <summary>Stores a value if the key has none: never written, deleted, purged or expired.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The bytes.</param>
    /// <param name="options">TTL and headers; an expected revision makes no sense here and is refused.</param>
    /// <param name="cancellationToken">Gives up waiting; whether the value was stored is then unknown.</param>
    /// <returns>Whether it was stored, and its revision; else the revision of the value that is there, 0 if that changed all the while.</returns>
    /// <exception cref="NatsKvOutcomeUnknownException">
    /// No answer came, and what became of the write could not be found out in time; see <see cref="NatsKvWriteOptions.ResolveOutcome"/>.
    /// </exception>
    /// <exception cref="ArgumentException">The key is not a legal key, or an expected revision was given.</exception>
    /// <exception cref="NatsKvNotSupportedException">A TTL was asked for on a bucket without limit markers.</exception>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    ValueTask<NatsKvWriteResult> TryCreateAsync(string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default);

    /// <summary>Marks a key as deleted. Its history stays, unless the marker has a TTL.</summary>
    /// <param name="key">The key.</param>
    /// <param name="options">
    /// Expected revision. A TTL makes the marker itself vanish; the key's history goes with this write then, because an older value would
    /// come back to life behind the marker.
    /// </param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The marker's revision.</returns>
    /// <exception cref="NatsKvRevisionMismatchException">The key's latest revision is not the expected one.</exception>
    ValueTask<ulong> DeleteAsync(string key, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default);

    /// <summary>Removes a key with its history and leaves one marker.</summary>
    /// <param name="key">The key.</param>
    /// <param name="options">Expected revision. A TTL makes the marker itself vanish.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The marker's revision.</returns>
    /// <exception cref="NatsKvRevisionMismatchException">The key's latest revision is not the expected one.</exception>
    ValueTask<ulong> PurgeAsync(string key, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default);

    /// <summary>
    /// Puts, deletes or purges a key, usually on condition that its latest revision is <see cref="NatsKvWriteOptions.ExpectedRevision"/>. That
    /// somebody else was faster is a result here and costs no exception.
    /// </summary>
    /// <param name="operation">What to do.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">The bytes of a put; nothing otherwise.</param>
    /// <param name="options">Expected revision, TTL, headers.</param>
    /// <param name="cancellationToken">Gives up waiting; whether the write took place is then unknown.</param>
    /// <returns>Whether the write took place, and the key's revision.</returns>
    /// <exception cref="ArgumentException">The key is not a legal key, or a value was given to a removal.</exception>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    /// <exception cref="NatsKvOutcomeUnknownException">
    /// No answer came, and what became of the write could not be found out in time; see <see cref="NatsKvWriteOptions.ResolveOutcome"/>.
    /// </exception>
    ValueTask<NatsKvWriteResult> TryWriteAsync(
        NatsKvOperation operation, string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default);

    /// <summary>Removes revisions for good, without leaving markers; works on a full bucket too.</summary>
    /// <param name="what">Which revisions; the default is all of them.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>How many were removed.</returns>
    /// <exception cref="ArgumentException">The filter is illegal, or the settings exclude each other.</exception>
    ValueTask<long> EraseAsync(NatsKvErasure what = default, CancellationToken cancellationToken = default);

    /// <summary>Follows keys: what is there now, then every change. It survives reconnects, restarts and re-creation of the bucket.</summary>
    /// <param name="options">What to follow; <see langword="null"/> means everything.</param>
    /// <param name="cancellationToken">Ends the watch; so does leaving the loop.</param>
    /// <returns>The events, in the server's order.</returns>
    /// <exception cref="NatsKvBucketNotFoundException">There is no such bucket when the watch begins.</exception>
    IAsyncEnumerable<NatsKvWatchEvent> WatchAsync(NatsKvWatchOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// The same watch for code that wants to be called: returns at once, keeps trying for ever, also while the server or the bucket is not
    /// there yet.
    /// </summary>
    /// <param name="handler">Receives the events, the first perhaps before this method has returned, but never on the thread that called it.</param>
    /// <param name="options">What to follow; <see langword="null"/> means everything.</param>
    /// <returns>The running watch; dispose it to stop.</returns>
    /// <exception cref="ArgumentException">An option is wrong, or excludes another.</exception>
    INatsKvWatch StartWatch(INatsKvWatchHandler handler, NatsKvWatchOptions? options = null);

    /// <summary>Asks the server for the bucket's configuration and size.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The status at this moment.</returns>
    /// <exception cref="NatsKvBucketNotFoundException">There is no such bucket.</exception>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    ValueTask<NatsKvBucketStatus> GetStatusAsync(CancellationToken cancellationToken = default);
}
