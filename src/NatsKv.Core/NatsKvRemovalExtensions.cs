using NatsKv.Watching;

namespace NatsKv;

/// <summary>Ways to remove more than one key, or more than a marker allows, from an <see cref="INatsKvBucket"/>.</summary>
public static class NatsKvRemovalExtensions
{
    private const int MostDeletesUnderWay = 64;
    private const int MostErasuresUnderWay = 16;

    // What the NATS tools do, so that watchers which were away for a while still learn of a removal.
    private static readonly TimeSpan DefaultMarkerAge = TimeSpan.FromMinutes(30);

    /// <summary>Removes a key with its history, and leaves one marker that vanishes by itself.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="timeToLive">How long the marker stays, so that watchers which are away for a while still learn of the removal.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The marker's revision.</returns>
    /// <exception cref="NatsKvNotSupportedException">The bucket doesn't allow a TTL per key.</exception>
    public static ValueTask<ulong> PurgeAsync(this INatsKvBucket bucket, string key, TimeSpan timeToLive, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        return bucket.PurgeAsync(key, new NatsKvWriteOptions { TimeToLive = timeToLive }, cancellationToken);
    }

    /// <summary>Removes everything from a bucket, history and markers included; the bucket itself stays.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>How many revisions were removed.</returns>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    public static ValueTask<long> PurgeAllAsync(this INatsKvBucket bucket, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        return bucket.EraseAsync(default, cancellationToken);
    }

    /// <summary>Removes the history of a key and keeps its latest revisions; what the Python client calls 'purge keeps the current value'.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="keep">How many of the latest revisions stay; a marker counts as one.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>How many revisions were removed.</returns>
    /// <exception cref="ArgumentException">The key is illegal, or <paramref name="keep"/> is not positive.</exception>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    public static ValueTask<long> TrimHistoryAsync(this INatsKvBucket bucket, string key, int keep = 1, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        return bucket.EraseAsync(new NatsKvErasure { Filter = key, Keep = keep }, cancellationToken);
    }

    /// <summary>
    /// Removes a key also where there is no room for a marker: on a full bucket, or one that takes only values smaller than a marker. Then
    /// everything up to the revision that the leader has now goes, and nothing that is written meanwhile.
    /// </summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Whether a marker was left, by which watchers learn of the removal.</returns>
    /// <exception cref="ArgumentException">The key is not a legal key.</exception>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    public static async ValueTask<bool> RemoveAsync(this INatsKvBucket bucket, string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        try
        {
            await bucket.PurgeAsync(key, default, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (NatsKvException exception) when (exception is NatsKvBucketFullException or NatsKvValueTooLargeException)
        {
            // Below.
        }

        var options = new NatsKvReadOptions { FromLeader = true, IncludeDeleted = true };
        ulong latest = await bucket.ReadAsync(key, 0, static (entry, _) => entry.Revision, options, cancellationToken).ConfigureAwait(false);
        await bucket.EraseAsync(new NatsKvErasure { Filter = key, Before = latest + 1 }, cancellationToken).ConfigureAwait(false);
        return false;
    }

    /// <summary>Deletes every key that has a value and matches a filter, each on its own; a key that is written meanwhile may stay.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="filter">Which keys: <c>*</c> stands for one token, a closing <c>></c> for the rest.</param>
    /// <param name="cancellationToken">Gives up; what is deleted by then stays deleted.</param>
    /// <returns>How many keys were deleted.</returns>
    /// <exception cref="ArgumentException">The filter is not a legal filter.</exception>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    public static async ValueTask<int> DeleteAllAsync(this INatsKvBucket bucket, string filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        List<string> keys = [];
        await foreach (string key in bucket.GetKeysAsync(filter, cancellationToken).ConfigureAwait(false))
        {
            keys.Add(key);
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = MostDeletesUnderWay, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(keys, options, async (key, ct) => await bucket.DeleteAsync(key, default, ct).ConfigureAwait(false)).ConfigureAwait(false);
        return keys.Count;
    }

    /// <summary>
    /// Removes the markers of deleted keys, with what stands behind them. A key that is made anew meanwhile is not touched; of younger markers
    /// only the history goes.
    /// </summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="olderThan">How old a marker must be, by the server's clock; <see langword="null"/> means 30 minutes. A watcher that is away for longer must read the bucket anew.</param>
    /// <param name="filter">Which keys: <c>*</c> stands for one token, a closing <c>></c> for the rest.</param>
    /// <param name="cancellationToken">Gives up; what is removed by then stays removed.</param>
    /// <returns>How many markers were removed.</returns>
    /// <exception cref="ArgumentException">The filter is not a legal filter, or <paramref name="olderThan"/> is below zero.</exception>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    public static async ValueTask<int> PurgeDeletesAsync(
        this INatsKvBucket bucket, TimeSpan? olderThan = null, string filter = ">", CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        TimeSpan age = olderThan ?? DefaultMarkerAge;
        ArgumentOutOfRangeException.ThrowIfLessThan(age, TimeSpan.Zero, nameof(olderThan));
        List<NatsKvEntry> markers = await FindMarkersAsync(bucket, filter, cancellationToken).ConfigureAwait(false);
        NatsKvBucketStatus status = await bucket.GetStatusAsync(cancellationToken).ConfigureAwait(false);
        DateTimeOffset limit = (status.ServerTime ?? TimeProvider.System.GetUtcNow()) - age;
        int removed = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = MostErasuresUnderWay, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            markers,
            options,
            async (marker, ct) =>
            {
                // By revision, not by 'keep nothing': a value that came after the marker is above it.
                bool isOld = marker.Created <= limit;
                await bucket.EraseAsync(new NatsKvErasure { Filter = marker.Key, Before = marker.Revision + (isOld ? 1UL : 0) }, ct).ConfigureAwait(false);
                if (isOld)
                {
                    Interlocked.Increment(ref removed);
                }
            }).ConfigureAwait(false);
        return removed;
    }

    private static async ValueTask<List<NatsKvEntry>> FindMarkersAsync(INatsKvBucket bucket, string filter, CancellationToken cancellationToken)
    {
        List<NatsKvEntry> markers = [];
        var options = new NatsKvWatchOptions { Filters = [filter], HeadersOnly = true };
        await foreach (NatsKvEntry entry in InitialData.ReadAsync(bucket, options, cancellationToken).ConfigureAwait(false))
        {
            if (entry.Operation != NatsKvOperation.Put)
            {
                markers.Add(entry);
            }
        }

        return markers;
    }
}
