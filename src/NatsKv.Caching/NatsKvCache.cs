using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NatsKv.Caching.Buckets;
using NatsKv.Caching.DependencyInjection;
using NatsKv.Caching.Diagnostics;
using NatsKv.Caching.Entries;
using NatsKv.Caching.Expiry;
using NatsKv.Caching.Keys;
using NatsKv.Caching.Touching;

namespace NatsKv.Caching;

/// <summary>
/// A distributed cache in a NATS JetStream Key/Value bucket. Register it with <c>services.AddNatsKvCache()</c>; docs/caching.md says what it
/// guarantees.
/// </summary>
/// <remarks>
/// Keys may be any strings. A miss is <see langword="null"/> or <see langword="false"/>; a lost connection, a timeout and everything else
/// that the server refuses is a <see cref="NatsKvException"/>. The methods that don't return a task block on the connection's own thread,
/// not on the thread pool.
/// </remarks>
public sealed class NatsKvCache : IBufferDistributedCache, IDisposable
{
    private readonly INatsKvClient _client;
    private readonly CacheSettings _settings;
    private readonly ILogger _logger;
    private readonly TimeProvider _clock;
    private readonly CacheKeyEncoder _keys;
    private readonly EntryHeaders _headers = new();
    private readonly BucketPreparation _preparation;
    private readonly TouchQueue _touches;

    /// <summary>Makes a cache. Nothing is sent before its first use.</summary>
    /// <param name="client">The way to the bucket; it is not disposed with the cache.</param>
    /// <param name="options">The settings.</param>
    /// <param name="logger">Where to log.</param>
    /// <param name="timeProvider">The clock by which entries expire.</param>
    /// <exception cref="OptionsValidationException">A setting is wrong; the message names it and says what it should be.</exception>
    public NatsKvCache(
        INatsKvClient client, IOptions<NatsKvCacheOptions> options, ILogger<NatsKvCache>? logger = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        NatsKvCacheOptions values = options.Value;
        CacheOptionsRules.ThrowIfInvalid(values);
        _client = client;
        _settings = new CacheSettings(values);
        _logger = logger ?? NullLogger<NatsKvCache>.Instance;
        _clock = timeProvider ?? TimeProvider.System;
        _keys = new CacheKeyEncoder(_settings.InstanceName);
        _preparation = new BucketPreparation(client, _settings, _logger);
        _touches = new TouchQueue(_clock, _logger);
    }

    internal int TouchesUnderWay => _touches.Count;

    /// <inheritdoc/>
    public byte[]? Get(string key) => Read(key, EntryReading.Array).Value;

    /// <inheritdoc/>
    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        EntryRead read = await ReadAsync(key, EntryReading.Array, token).ConfigureAwait(false);
        return read.Value;
    }

    /// <inheritdoc/>
    public bool TryGet(string key, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return TryCopy(Read(key, EntryReading.Pooled), destination);
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return TryCopy(await ReadAsync(key, EntryReading.Pooled, token).ConfigureAwait(false), destination);
    }

    /// <inheritdoc/>
    public void Refresh(string key)
    {
        if (Read(key, EntryReading.Refresh).Touch is { } touch)
        {
            _touches.Run(_preparation.Get().Bucket, touch);
        }
    }

    /// <inheritdoc/>
    public async Task RefreshAsync(string key, CancellationToken token = default)
    {
        EntryRead read = await ReadAsync(key, EntryReading.Refresh, token).ConfigureAwait(false);
        if (read.Touch is { } touch)
        {
            CacheBucket bucket = await _preparation.GetAsync(token).ConfigureAwait(false);
            await _touches.RunAsync(bucket.Bucket, touch, token).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
    {
        ArgumentNullException.ThrowIfNull(value);
        Set(key, new ReadOnlySequence<byte>(value), options);
    }

    /// <inheritdoc/>
    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(value);
        return SetAsync(key, new ReadOnlySequence<byte>(value), options, token).AsTask();
    }

    /// <inheritdoc/>
    /// <exception cref="NatsKvValueTooLargeException">The value is larger than the server takes. What stood under the key is removed.</exception>
    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options)
    {
        EntryStore store = Request(key, options);
        CacheBucket bucket = _preparation.Get();
        try
        {
            EntrySize.ThrowIfUntouchable(_settings.Bucket, store.Key, store.Expiry, value.Length, LimitOf(bucket));
            bucket.Bucket.Blocking.Put(store.Key.Bucket, value, store.Options);
        }
        catch (NatsKvBucketNotFoundException)
        {
            _preparation.Forget(bucket);
            throw;
        }
        catch (NatsKvException exception) when (EntrySize.IsTooLarge(exception))
        {
            RemoveSuperseded(bucket, store.Key);
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="NatsKvValueTooLargeException">The value is larger than the server takes. What stood under the key is removed.</exception>
    public async ValueTask SetAsync(
        string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        EntryStore store = Request(key, options);
        token.ThrowIfCancellationRequested();
        CacheBucket bucket = await _preparation.GetAsync(token).ConfigureAwait(false);
        try
        {
            EntrySize.ThrowIfUntouchable(_settings.Bucket, store.Key, store.Expiry, value.Length, LimitOf(bucket));
            await bucket.Bucket.PutAsync(store.Key.Bucket, value, store.Options, token).ConfigureAwait(false);
        }
        catch (NatsKvBucketNotFoundException)
        {
            _preparation.Forget(bucket);
            throw;
        }
        catch (NatsKvException exception) when (EntrySize.IsTooLarge(exception))
        {
            await RemoveSupersededAsync(bucket, store.Key).ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Remove(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        CacheBucket bucket = _preparation.Get();
        try
        {
            bucket.Bucket.Blocking.Purge(_keys.Encode(key).Bucket, MarkerOf(bucket));
        }
        catch (NatsKvBucketNotFoundException)
        {
            _preparation.Forget(bucket);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(string key, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        token.ThrowIfCancellationRequested();
        CacheBucket bucket = await _preparation.GetAsync(token).ConfigureAwait(false);
        try
        {
            await bucket.Bucket.PurgeAsync(_keys.Encode(key).Bucket, MarkerOf(bucket), token).ConfigureAwait(false);
        }
        catch (NatsKvBucketNotFoundException)
        {
            _preparation.Forget(bucket);
            throw;
        }
    }

    /// <summary>Ends the touches that are under way. The client, which the cache didn't make, stays open.</summary>
    public void Dispose() => _touches.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"Cache in bucket '{_settings.Bucket}'";

    private EntryRead Read(string key, EntryReading reading)
    {
        ArgumentNullException.ThrowIfNull(key);
        CacheBucket bucket = _preparation.Get();
        try
        {
            EntryReader reader = ReaderOf(key, reading, out string bucketKey);
            EntryRead read = bucket.Bucket.Blocking.Read(bucketKey, reader, EntryReader.Delegate, _settings.Read);
            return Used(bucket, read, reading);
        }
        catch (NatsKvBucketNotFoundException)
        {
            _preparation.Forget(bucket);
            throw;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<EntryRead> ReadAsync(string key, EntryReading reading, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(key);
        token.ThrowIfCancellationRequested();
        CacheBucket bucket = await _preparation.GetAsync(token).ConfigureAwait(false);
        try
        {
            EntryReader reader = ReaderOf(key, reading, out string bucketKey);
            EntryRead read = await bucket.Bucket.ReadAsync(bucketKey, reader, EntryReader.Delegate, _settings.Read, token).ConfigureAwait(false);
            return Used(bucket, read, reading);
        }
        catch (NatsKvBucketNotFoundException)
        {
            _preparation.Forget(bucket);
            throw;
        }
    }

    private EntryReader ReaderOf(string key, EntryReading reading, out string bucketKey)
    {
        CacheKey encoded = _keys.Encode(key);
        bucketKey = encoded.Bucket;
        return new EntryReader(encoded, reading, _settings, _clock);
    }

    // Refresh runs the touch itself, and waits for it.
    private EntryRead Used(CacheBucket bucket, in EntryRead read, EntryReading reading)
    {
        if (read.Touch is { } touch && reading != EntryReading.Refresh)
        {
            _touches.Post(bucket.Bucket, touch);
        }

        return read;
    }

    // The caller's writer runs here, on the caller's side: it may block, and it may throw, which is the caller's affair.
    private static bool TryCopy(in EntryRead read, IBufferWriter<byte> destination)
    {
        if (read.Value is not { } buffer)
        {
            return false;
        }

        try
        {
            if (read.Length > 0)
            {
                destination.Write(buffer.AsSpan(0, read.Length));
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private EntryStore Request(string key, DistributedCacheEntryOptions options)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(options);
        DateTimeOffset now = _clock.GetUtcNow();
        EntryExpiry expiry = RequestedExpiry.Read(options, _settings, now);
        CacheKey encoded = _keys.Encode(key);
        var write = new NatsKvWriteOptions
        {
            Headers = _headers.For(encoded, expiry),
            TimeToLive = ExpiryPolicy.TimeToLive(expiry, now, now, _settings.Grace),
        };
        return new EntryStore(encoded, expiry, write);
    }

    private long? LimitOf(CacheBucket bucket) =>
        Math.Min(_client.Server?.MaxPayload ?? int.MaxValue, bucket.MaxValueSize ?? int.MaxValue);

    private static NatsKvWriteOptions MarkerOf(CacheBucket bucket) => new() { TimeToLive = bucket.MarkerTtl };

    // The caller meant to replace what stands there, so that it must not be served any more.
    private void RemoveSuperseded(CacheBucket bucket, in CacheKey key)
    {
        try
        {
            bucket.Bucket.Blocking.Purge(key.Bucket, MarkerOf(bucket));
        }
        catch (NatsKvException exception)
        {
            CacheLog.SupersededValueStays(_logger, _settings.Bucket, exception);
        }
    }

    private async ValueTask RemoveSupersededAsync(CacheBucket bucket, CacheKey key)
    {
        try
        {
            // Not with the caller's token: the decision has been made.
            await bucket.Bucket.PurgeAsync(key.Bucket, MarkerOf(bucket), CancellationToken.None).ConfigureAwait(false);
        }
        catch (NatsKvException exception)
        {
            CacheLog.SupersededValueStays(_logger, _settings.Bucket, exception);
        }
    }
}
