using System.Buffers;
using System.Text;

namespace NatsKv;

/// <summary>More forms of the operations of <see cref="INatsKvBucket"/>.</summary>
public static class NatsKvBucketExtensions
{
    /// <summary>Reads a key.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The latest entry, or <see langword="null"/> if the key was never written, was deleted, purged, or has expired.</returns>
    public static ValueTask<NatsKvEntry?> GetAsync(this INatsKvBucket bucket, string key, CancellationToken cancellationToken = default) =>
        bucket.GetAsync(key, default, cancellationToken);

    /// <summary>Reads a key.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="options">How to read.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The latest entry, or <see langword="null"/>.</returns>
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
    public static async ValueTask<ulong> CreateAsync(
        this INatsKvBucket bucket, string key, ReadOnlyMemory<byte> value, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        var options = new NatsKvWriteOptions { TimeToLive = timeToLive };
        return await bucket.TryCreateAsync(key, new ReadOnlySequence<byte>(value), options, cancellationToken).ConfigureAwait(false)
            ?? throw new NatsKvKeyExistsException(bucket.Name, key);
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

    /// <summary>Stores bytes if the key's latest revision is the given one, and says so instead of throwing if it isn't.</summary>
    /// <inheritdoc cref="UpdateAsync(INatsKvBucket, string, ReadOnlyMemory{byte}, ulong, TimeSpan?, CancellationToken)"/>
    /// <returns>The new revision, or <see langword="null"/> if somebody else was faster.</returns>
    public static async ValueTask<ulong?> TryUpdateAsync(
        this INatsKvBucket bucket, string key, ReadOnlyMemory<byte> value, ulong revision, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default)
    {
        try
        {
            return await bucket.UpdateAsync(key, value, revision, timeToLive, cancellationToken).ConfigureAwait(false);
        }
        catch (NatsKvRevisionMismatchException)
        {
            return null;
        }
    }

    /// <summary>The keys that have a value now.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="filter">Which keys: <c>*</c> stands for one token, a closing <c>></c> for the rest.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Each key once, in the order of their latest revisions.</returns>
    public static async IAsyncEnumerable<string> GetKeysAsync(
        this INatsKvBucket bucket,
        string filter = ">",
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var options = new NatsKvWatchOptions { Filters = [filter], HeadersOnly = true, IgnoreDeletes = true };
        await foreach (NatsKvWatchEvent item in bucket.WatchAsync(options, cancellationToken).ConfigureAwait(false))
        {
            if (item.Kind == NatsKvWatchEventKind.InitialDataComplete)
            {
                yield break;
            }

            // A key that is written while the listing runs comes a second time.
            if (item.Entry is { } entry && seen.Add(entry.Key))
            {
                yield return entry.Key;
            }
        }
    }

    /// <summary>The kept revisions of a key, markers included, oldest first.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key, or a filter for several keys.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The entries; none if nothing is kept.</returns>
    public static async IAsyncEnumerable<NatsKvEntry> GetHistoryAsync(
        this INatsKvBucket bucket,
        string key,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        var options = new NatsKvWatchOptions { Filters = [key], IncludeHistory = true };
        await foreach (NatsKvWatchEvent item in bucket.WatchAsync(options, cancellationToken).ConfigureAwait(false))
        {
            if (item.Kind == NatsKvWatchEventKind.InitialDataComplete)
            {
                yield break;
            }

            if (item.Entry is { } entry)
            {
                yield return entry;
            }
        }
    }
}
