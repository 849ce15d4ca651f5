using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace NatsKv;

/// <summary>Values as JSON, by the contracts of System.Text.Json's source generator; nothing here needs reflection.</summary>
public static class NatsKvJsonExtensions
{
    /// <summary>Reads a key and decodes its value.</summary>
    /// <typeparam name="T">What to decode to.</typeparam>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="type">The contract, for example <c>MyContext.Default.Order</c>.</param>
    /// <param name="options">How to read.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The value with its revision, or <see langword="null"/> if there is no such key. A stored <c>null</c> is a value.</returns>
    /// <exception cref="JsonException">What is stored is not such a value; the message names bucket, key and revision.</exception>
    /// <exception cref="ArgumentException">The key is not a legal key.</exception>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    public static async ValueTask<NatsKvValue<T>?> GetJsonAsync<T>(
        this INatsKvBucket bucket, string key, JsonTypeInfo<T> type, NatsKvReadOptions options = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        ArgumentNullException.ThrowIfNull(type);

        // Decoded here and not where the reply arrives: converters are users' code.
        NatsKvEntry? entry = await bucket.GetAsync(key, options, cancellationToken).ConfigureAwait(false);
        return entry is { Operation: NatsKvOperation.Put } ? new NatsKvValue<T>(entry.GetJson(type), entry.Revision) : null;
    }

    /// <summary>Decodes the value of an entry.</summary>
    /// <typeparam name="T">What to decode to.</typeparam>
    /// <param name="entry">The entry.</param>
    /// <param name="type">The contract.</param>
    /// <returns>The value.</returns>
    /// <exception cref="JsonException">What is stored is not such a value; the message names bucket, key and revision.</exception>
    public static T? GetJson<T>(this NatsKvEntry entry, JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(type);
        try
        {
            return JsonSerializer.Deserialize(entry.Value.Span, type);
        }
        catch (JsonException exception)
        {
            throw new JsonException(
                $"Revision {entry.Revision} of key '{entry.Key}' in bucket '{entry.Bucket}' is no {typeof(T).Name} in JSON.", exception.Path, exception.LineNumber, exception.BytePositionInLine, exception);
        }
    }

    /// <summary>Stores a value as JSON.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="type">The contract.</param>
    /// <param name="timeToLive">How long the value lives; <see langword="null"/> means as long as the bucket allows.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The new revision.</returns>
    /// <exception cref="ArgumentException">The key is not a legal key.</exception>
    /// <exception cref="NatsKvNotSupportedException">A TTL was asked for on a bucket without limit markers.</exception>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    public static ValueTask<ulong> PutJsonAsync<T>(
        this INatsKvBucket bucket, string key, T value, JsonTypeInfo<T> type, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default) =>
        bucket.PutAsync(key, JsonSerializer.SerializeToUtf8Bytes(value, type), timeToLive, cancellationToken);

    /// <summary>Stores a value as JSON if the key has none.</summary>
    /// <inheritdoc cref="PutJsonAsync{T}"/>
    /// <exception cref="NatsKvKeyExistsException">The key has a value.</exception>
    public static ValueTask<ulong> CreateJsonAsync<T>(
        this INatsKvBucket bucket, string key, T value, JsonTypeInfo<T> type, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default) =>
        bucket.CreateAsync(key, JsonSerializer.SerializeToUtf8Bytes(value, type), timeToLive, cancellationToken);

    /// <summary>Stores a value as JSON if the key has none, and says so instead of throwing if it has one.</summary>
    /// <inheritdoc cref="PutJsonAsync{T}"/>
    /// <returns>Whether it was stored, and the key's revision.</returns>
    public static ValueTask<NatsKvWriteResult> TryCreateJsonAsync<T>(
        this INatsKvBucket bucket, string key, T value, JsonTypeInfo<T> type, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default) =>
        bucket.TryCreateAsync(key, JsonSerializer.SerializeToUtf8Bytes(value, type).AsMemory(), timeToLive, cancellationToken);

    /// <summary>Stores a value as JSON if the key's latest revision is the given one.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="type">The contract.</param>
    /// <param name="revision">The revision that the caller has seen.</param>
    /// <param name="timeToLive">How long the value lives; without one a TTL that the key had is gone.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The new revision.</returns>
    /// <exception cref="NatsKvRevisionMismatchException">Somebody else was faster; nothing was written.</exception>
    public static ValueTask<ulong> UpdateJsonAsync<T>(
        this INatsKvBucket bucket, string key, T value, JsonTypeInfo<T> type, ulong revision, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default) =>
        bucket.UpdateAsync(key, JsonSerializer.SerializeToUtf8Bytes(value, type), revision, timeToLive, cancellationToken);

    /// <summary>Stores a value as JSON if the key's latest revision is the given one, and says so instead of throwing if it isn't.</summary>
    /// <inheritdoc cref="UpdateJsonAsync{T}" path="/typeparam|/param"/>
    /// <returns>Whether it was stored, and the key's revision.</returns>
    public static ValueTask<NatsKvWriteResult> TryUpdateJsonAsync<T>(
        this INatsKvBucket bucket, string key, T value, JsonTypeInfo<T> type, ulong revision, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default) =>
        bucket.TryUpdateAsync(key, JsonSerializer.SerializeToUtf8Bytes(value, type).AsMemory(), revision, timeToLive, cancellationToken);
}
