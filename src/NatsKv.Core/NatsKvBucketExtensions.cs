using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using NatsKv.Watching;

namespace NatsKv;

/// <summary>More forms of the operations of <see cref="INatsKvBucket"/>.</summary>
public static class NatsKvBucketExtensions
{
    /// <summary>Reads a key.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The latest entry, or <see langword="null"/> if the key was never written, was deleted, purged, or has expired.</returns>
    /// <exception cref="ArgumentException">The key is not a legal key.</exception>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    public static ValueTask<NatsKvEntry?> GetAsync(this INatsKvBucket bucket, string key, CancellationToken cancellationToken = default) =>
        bucket.GetAsync(key, default, cancellationToken);

    /// <summary>Reads a key.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="options">How to read.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The latest entry, or <see langword="null"/>.</returns>
    /// <exception cref="ArgumentException">The key is not a legal key.</exception>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    public static ValueTask<NatsKvEntry?> GetAsync(this INatsKvBucket bucket, string key, NatsKvReadOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        return bucket.ReadAsync<object?, NatsKvEntry>(key, null, static (entry, _) => entry.ToEntry(), options, cancellationToken);
    }

    /// <summary>Stores bytes.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">The bytes; the caller may reuse them when the task has completed.</param>
    /// <param name="timeToLive">How long the value lives; <see langword="null"/> means as long as the bucket allows.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The new revision.</returns>
    /// <exception cref="ArgumentException">The key is not a legal key.</exception>
    /// <exception cref="NatsKvNotSupportedException">A TTL was asked for on a bucket without limit markers.</exception>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    public static ValueTask<ulong> PutAsync(
        this INatsKvBucket bucket, string key, ReadOnlyMemory<byte> value, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        return bucket.PutAsync(key, new ReadOnlySequence<byte>(value), new NatsKvWriteOptions { TimeToLive = timeToLive }, cancellationToken);
    }

    /// <summary>Stores text as UTF-8.</summary>
    /// <inheritdoc cref="PutAsync(INatsKvBucket, string, ReadOnlyMemory{byte}, TimeSpan?, CancellationToken)"/>
    public static ValueTask<ulong> PutAsync(
        this INatsKvBucket bucket, string key, string value, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default) =>
        bucket.PutAsync(key, Encoding.UTF8.GetBytes(value), timeToLive, cancellationToken);

    /// <summary>Stores bytes if the key has no value.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">The bytes.</param>
    /// <param name="timeToLive">How long the value lives.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The new revision.</returns>
    /// <exception cref="NatsKvKeyExistsException">The key has a value.</exception>
    /// <exception cref="ArgumentException">The key is not a legal key.</exception>
    /// <exception cref="NatsKvNotSupportedException">A TTL was asked for on a bucket without limit markers.</exception>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    public static async ValueTask<ulong> CreateAsync(
        this INatsKvBucket bucket, string key, ReadOnlyMemory<byte> value, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        var options = new NatsKvWriteOptions { TimeToLive = timeToLive };
        NatsKvWriteResult result = await bucket.TryCreateAsync(key, new ReadOnlySequence<byte>(value), options, cancellationToken).ConfigureAwait(false);
        return result.IsStored ? result.Revision : throw new NatsKvKeyExistsException(bucket.Name, key, result.Revision == 0 ? null : result.Revision);
    }

    /// <summary>Stores text as UTF-8 if the key has no value.</summary>
    /// <inheritdoc cref="CreateAsync(INatsKvBucket, string, ReadOnlyMemory{byte}, TimeSpan?, CancellationToken)"/>
    public static ValueTask<ulong> CreateAsync(
        this INatsKvBucket bucket, string key, string value, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default) =>
        bucket.CreateAsync(key, Encoding.UTF8.GetBytes(value), timeToLive, cancellationToken);

    /// <summary>Stores bytes if the key's latest revision is the given one.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">The bytes.</param>
    /// <param name="revision">The revision that the caller has seen.</param>
    /// <param name="timeToLive">How long the value lives; without one a TTL that the key had is gone.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The new revision.</returns>
    /// <exception cref="NatsKvRevisionMismatchException">Somebody else was faster; nothing was written.</exception>
    /// <exception cref="ArgumentException">The key is not a legal key.</exception>
    /// <exception cref="NatsKvNotSupportedException">A TTL was asked for on a bucket without limit markers.</exception>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    public static ValueTask<ulong> UpdateAsync(
        this INatsKvBucket bucket, string key, ReadOnlyMemory<byte> value, ulong revision, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        var options = new NatsKvWriteOptions { TimeToLive = timeToLive, ExpectedRevision = revision };
        return bucket.PutAsync(key, new ReadOnlySequence<byte>(value), options, cancellationToken);
    }

    /// <summary>Stores text as UTF-8 if the key's latest revision is the given one.</summary>
    /// <inheritdoc cref="UpdateAsync(INatsKvBucket, string, ReadOnlyMemory{byte}, ulong, TimeSpan?, CancellationToken)"/>
    public static ValueTask<ulong> UpdateAsync(
        this INatsKvBucket bucket, string key, string value, ulong revision, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default) =>
        bucket.UpdateAsync(key, Encoding.UTF8.GetBytes(value), revision, timeToLive, cancellationToken);

    /// <summary>The keys that have a value now.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="filter">Which keys: <c>*</c> stands for one token, a closing <c>></c> for the rest.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Each key once, in the order of their latest revisions.</returns>
    /// <exception cref="ArgumentException">The filter is not a legal filter.</exception>
    /// <exception cref="NatsKvBucketNotFoundException">There is no such bucket, or it was deleted meanwhile.</exception>
    /// <exception cref="NatsKvBucketResetException">The bucket was made anew meanwhile.</exception>
    /// <exception cref="NatsKvException">
    /// The server or the connection refused, or was away for longer than <see cref="NatsKvOptions.RequestTimeout"/>.
    /// </exception>
    public static IAsyncEnumerable<string> GetKeysAsync(this INatsKvBucket bucket, string filter = ">", CancellationToken cancellationToken = default) =>
        bucket.GetKeysAsync([filter], cancellationToken);

    /// <summary>The keys that have a value now and that any of some filters matches.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="filters">Which keys; see <see cref="NatsKvWatchOptions.Filters"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <inheritdoc cref="GetKeysAsync(INatsKvBucket, string, CancellationToken)"/>
    public static async IAsyncEnumerable<string> GetKeysAsync(
        this INatsKvBucket bucket, IReadOnlyList<string> filters, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var options = new NatsKvWatchOptions { Filters = filters, HeadersOnly = true, IgnoreDeletes = true };
        await foreach (NatsKvEntry entry in InitialData.ReadAsync(bucket, options, cancellationToken).ConfigureAwait(false))
        {
            // A key that is written while the listing runs comes a second time.
            if (seen.Add(entry.Key))
            {
                yield return entry.Key;
            }
        }
    }

    /// <summary>
    /// How many keys have a value now. It is found out by listing them; <see cref="NatsKvBucketStatus.Keys"/> takes one question, but counts
    /// the keys that left a marker too.
    /// </summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="filter">Which keys: <c>*</c> stands for one token, a closing <c>></c> for the rest.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The number of keys.</returns>
    /// <inheritdoc cref="GetKeysAsync(INatsKvBucket, string, CancellationToken)" path="/exception"/>
    public static ValueTask<int> CountKeysAsync(this INatsKvBucket bucket, string filter = ">", CancellationToken cancellationToken = default) =>
        bucket.CountKeysAsync([filter], cancellationToken);

    /// <summary>How many keys have a value now and are matched by any of some filters.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="filters">Which keys; see <see cref="NatsKvWatchOptions.Filters"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <inheritdoc cref="CountKeysAsync(INatsKvBucket, string, CancellationToken)"/>
    public static async ValueTask<int> CountKeysAsync(
        this INatsKvBucket bucket, IReadOnlyList<string> filters, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        var live = new HashSet<string>(StringComparer.Ordinal);
        var options = new NatsKvWatchOptions { Filters = filters, HeadersOnly = true };
        await foreach (NatsKvEntry entry in InitialData.ReadAsync(bucket, options, cancellationToken).ConfigureAwait(false))
        {
            // What is removed while the listing runs counts no more.
            _ = entry.Operation == NatsKvOperation.Put ? live.Add(entry.Key) : live.Remove(entry.Key);
        }

        return live.Count;
    }

    /// <summary>The kept revisions of a key, markers included, oldest first.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key, or a filter for several keys.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The entries; none if nothing is kept.</returns>
    /// <inheritdoc cref="GetKeysAsync(INatsKvBucket, string, CancellationToken)" path="/exception"/>
    public static IAsyncEnumerable<NatsKvEntry> GetHistoryAsync(this INatsKvBucket bucket, string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        return InitialData.ReadAsync(bucket, new NatsKvWatchOptions { Filters = [key], IncludeHistory = true }, cancellationToken);
    }

    /// <summary>
    /// Holds the bucket's content in memory and keeps it up to date. Returns at once and keeps trying for ever, also while the server or the
    /// bucket is not there yet.
    /// </summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="options">
    /// What to hold; <see langword="null"/> means every key. Only filters, <see cref="NatsKvWatchOptions.HeadersOnly"/> and the heartbeat may be set.
    /// </param>
    /// <param name="onChange">
    /// Called after each change, one at a time, and for each key of the first content. It may be called on the connection's own thread: take
    /// the change over and return. An exception ends the view's watch.
    /// </param>
    /// <returns>The view; dispose it to stop following.</returns>
    /// <exception cref="ArgumentException">An option makes no sense for a view.</exception>
    public static NatsKvView StartView(this INatsKvBucket bucket, NatsKvWatchOptions? options = null, Action<NatsKvViewChange>? onChange = null)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        return NatsKvView.Start(bucket, options ?? new NatsKvWatchOptions(), onChange);
    }
}
