using Microsoft.Extensions.Logging;
using NatsKv.Caching.Diagnostics;

namespace NatsKv.Caching.Buckets;

/// <summary>
/// Finds or makes the bucket at the first use. What failed is tried again at the next use; what succeeded holds until a call finds the
/// bucket gone.
/// </summary>
/// <remarks>
/// Asynchronous callers share one attempt. A blocking caller never waits for it, because it may need the thread pool to go on: it makes an
/// attempt of its own, which does no harm, since making a bucket that exists in the same form changes nothing.
/// </remarks>
internal sealed class BucketPreparation(INatsKvClient client, CacheSettings settings, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly Lock _blocking = new();
    private CacheBucket? _ready;
    private Task<CacheBucket>? _attempt;

    /// <summary>The bucket, made ready if it wasn't.</summary>
    /// <param name="cancellationToken">Gives up waiting, not the attempt, which others may share.</param>
    /// <returns>The bucket.</returns>
    public ValueTask<CacheBucket> GetAsync(CancellationToken cancellationToken) => Volatile.Read(ref _ready) is { } ready
        ? new ValueTask<CacheBucket>(ready)
        : new ValueTask<CacheBucket>(Attempt().WaitAsync(cancellationToken));

    /// <summary>The same for a caller that can't await.</summary>
    /// <returns>The bucket.</returns>
    public CacheBucket Get()
    {
        if (Volatile.Read(ref _ready) is { } ready)
        {
            return ready;
        }

        lock (_blocking)
        {
            return Volatile.Read(ref _ready) ?? Succeeded(Prepare());
        }
    }

    /// <summary>Takes note that a bucket has gone.</summary>
    /// <param name="gone">The bucket with which a call failed.</param>
    public void Forget(CacheBucket gone)
    {
        if (Interlocked.CompareExchange(ref _ready, null, gone) == gone)
        {
            CacheLog.BucketGone(logger, settings.Bucket);
        }
    }

    private Task<CacheBucket> Attempt()
    {
        lock (_lock)
        {
            // The first part runs inside the lock, up to the first request; it only puts bytes into the connection's buffer.
            if (_attempt is not { IsCompleted: false })
            {
                _attempt = PrepareAsync();
                _ = ObserveAsync(_attempt);
            }

            return _attempt;
        }
    }

    // For the case that everybody who waited for it has given up.
    private static async Task ObserveAsync(Task attempt) => await attempt.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task<CacheBucket> PrepareAsync()
    {
        INatsKvBucket bucket = client.Bind(settings.Bucket);
        NatsKvBucketStatus? status = await FindAsync(bucket).ConfigureAwait(false);
        if (status is null)
        {
            ThrowIfNotToBeMade();
            try
            {
                await client.CreateBucketAsync(settings.NewBucket).ConfigureAwait(false);
                CacheLog.BucketMade(logger, settings.Bucket);
            }
            catch (NatsKvBucketExistsException)
            {
                // Somebody made it in between, in another form: perhaps one that will do.
            }

            status = await bucket.GetStatusAsync().ConfigureAwait(false);
        }

        return Succeeded(Accept(bucket, status));
    }

    private CacheBucket Prepare()
    {
        INatsKvBucket bucket = client.Bind(settings.Bucket);
        NatsKvBucketStatus? status = client.Blocking.FindBucket(settings.Bucket);
        if (status is null)
        {
            ThrowIfNotToBeMade();
            try
            {
                client.Blocking.CreateBucket(settings.NewBucket);
                CacheLog.BucketMade(logger, settings.Bucket);
            }
            catch (NatsKvBucketExistsException)
            {
                // As above.
            }

            status = client.Blocking.FindBucket(settings.Bucket) ?? throw new NatsKvBucketNotFoundException(settings.Bucket);
        }

        return Accept(bucket, status);
    }

    private static async ValueTask<NatsKvBucketStatus?> FindAsync(INatsKvBucket bucket)
    {
        try
        {
            return await bucket.GetStatusAsync().ConfigureAwait(false);
        }
        catch (NatsKvBucketNotFoundException)
        {
            return null;
        }
    }

    private void ThrowIfNotToBeMade()
    {
        // An old server would make a bucket without complaint, and ignore that keys are to expire.
        BucketRequirements.ThrowIfTooOld(settings.Bucket, client.Server);
        if (!settings.CreateBucket)
        {
            throw BucketRequirements.Missing(settings.Bucket);
        }
    }

    private CacheBucket Accept(INatsKvBucket bucket, NatsKvBucketStatus status)
    {
        BucketRequirements.ThrowIfTooOld(settings.Bucket, client.Server);
        CacheBucket accepted = BucketRequirements.Accept(bucket, status);
        if (status.Config.MaxAge is { } maxAge)
        {
            CacheLog.BucketEndsEntries(logger, settings.Bucket, maxAge);
        }

        return accepted;
    }

    private CacheBucket Succeeded(CacheBucket bucket)
    {
        Volatile.Write(ref _ready, bucket);
        return bucket;
    }
}
