using System.Buffers;
using System.Text;

namespace NatsKv;

/// <summary>
/// Writes that take place only while the key is what the caller takes it for. The <c>Try…</c> forms say so when somebody else was faster; the
/// others throw.
/// </summary>
public static class NatsKvConditionalExtensions
{
    /// <summary>Stores bytes if the key has no value, and says so instead of throwing if it has one.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">The bytes.</param>
    /// <param name="timeToLive">How long the value lives; <see langword="null"/> means as long as the bucket allows.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Whether it was stored, and the key's revision.</returns>
    /// <exception cref="ArgumentException">The key is not a legal key.</exception>
    /// <exception cref="NatsKvNotSupportedException">A TTL was asked for on a bucket without limit markers.</exception>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    public static ValueTask<NatsKvWriteResult> TryCreateAsync(
        this INatsKvBucket bucket, string key, ReadOnlyMemory<byte> value, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        return bucket.TryCreateAsync(key, new ReadOnlySequence<byte>(value), new NatsKvWriteOptions { TimeToLive = timeToLive }, cancellationToken);
    }

    /// <summary>Stores text as UTF-8 if the key has no value, and says so instead of throwing if it has one.</summary>
    /// <inheritdoc cref="TryCreateAsync(INatsKvBucket, string, ReadOnlyMemory{byte}, TimeSpan?, CancellationToken)"/>
    public static ValueTask<NatsKvWriteResult> TryCreateAsync(
        this INatsKvBucket bucket, string key, string value, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default) =>
        bucket.TryCreateAsync(key, Encoding.UTF8.GetBytes(value).AsMemory(), timeToLive, cancellationToken);

    /// <summary>Stores bytes if the key's latest revision is the given one, and says so instead of throwing if it isn't.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">The bytes.</param>
    /// <param name="revision">The revision that the caller has seen.</param>
    /// <param name="timeToLive">How long the value lives; without one a TTL that the key had is gone.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Whether it was stored, and the key's revision.</returns>
    /// <exception cref="ArgumentException">The key is not a legal key.</exception>
    /// <exception cref="NatsKvNotSupportedException">A TTL was asked for on a bucket without limit markers.</exception>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    public static ValueTask<NatsKvWriteResult> TryUpdateAsync(
        this INatsKvBucket bucket, string key, ReadOnlyMemory<byte> value, ulong revision, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        return bucket.TryWriteAsync(NatsKvOperation.Put, key, new ReadOnlySequence<byte>(value), If(revision, timeToLive), cancellationToken);
    }

    /// <summary>Stores text as UTF-8 if the key's latest revision is the given one, and says so instead of throwing if it isn't.</summary>
    /// <inheritdoc cref="TryUpdateAsync(INatsKvBucket, string, ReadOnlyMemory{byte}, ulong, TimeSpan?, CancellationToken)"/>
    public static ValueTask<NatsKvWriteResult> TryUpdateAsync(
        this INatsKvBucket bucket, string key, string value, ulong revision, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default) =>
        bucket.TryUpdateAsync(key, Encoding.UTF8.GetBytes(value).AsMemory(), revision, timeToLive, cancellationToken);

    /// <summary>Marks a key as deleted if its latest revision is the given one; its history stays.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="revision">The revision that the caller has seen.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The marker's revision.</returns>
    /// <exception cref="NatsKvRevisionMismatchException">Somebody else was faster; nothing was written.</exception>
    public static ValueTask<ulong> DeleteAsync(this INatsKvBucket bucket, string key, ulong revision, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        return bucket.DeleteAsync(key, If(revision), cancellationToken);
    }

    /// <summary>Marks a key as deleted if its latest revision is the given one, and says so instead of throwing if it isn't.</summary>
    /// <inheritdoc cref="DeleteAsync(INatsKvBucket, string, ulong, CancellationToken)" path="/param"/>
    /// <returns>Whether the marker was stored, and the key's revision.</returns>
    public static ValueTask<NatsKvWriteResult> TryDeleteAsync(this INatsKvBucket bucket, string key, ulong revision, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        return bucket.TryWriteAsync(NatsKvOperation.Delete, key, default, If(revision), cancellationToken);
    }

    /// <summary>Removes a key with its history, and leaves one marker, if its latest revision is the given one.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="revision">The revision that the caller has seen.</param>
    /// <param name="timeToLive">How long the marker stays; <see langword="null"/> means as long as the bucket allows.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The marker's revision.</returns>
    /// <exception cref="NatsKvRevisionMismatchException">Somebody else was faster; nothing was written.</exception>
    public static ValueTask<ulong> PurgeAsync(
        this INatsKvBucket bucket, string key, ulong revision, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        return bucket.PurgeAsync(key, If(revision, timeToLive), cancellationToken);
    }

    /// <summary>Removes a key with its history, and leaves one marker, if its latest revision is the given one; says so instead of throwing if it isn't.</summary>
    /// <inheritdoc cref="PurgeAsync(INatsKvBucket, string, ulong, TimeSpan?, CancellationToken)" path="/param"/>
    /// <returns>Whether the marker was stored, and the key's revision.</returns>
    public static ValueTask<NatsKvWriteResult> TryPurgeAsync(
        this INatsKvBucket bucket, string key, ulong revision, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        return bucket.TryWriteAsync(NatsKvOperation.Purge, key, default, If(revision, timeToLive), cancellationToken);
    }

    private static NatsKvWriteOptions If(ulong revision, TimeSpan? timeToLive = null) => new() { ExpectedRevision = revision, TimeToLive = timeToLive };
}
