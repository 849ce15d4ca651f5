using System.Buffers;
using System.Text;

namespace NatsKv;

/// <summary>Reads that bring only the value.</summary>
public static class NatsKvValueExtensions
{
    /// <summary>Reads a value.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The bytes, or <see langword="null"/> if there is no such key.</returns>
    /// <exception cref="ArgumentException">The key is not a legal key.</exception>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    public static ValueTask<byte[]?> GetValueAsync(this INatsKvBucket bucket, string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        return bucket.ReadAsync<object?, byte[]>(key, null, static (entry, _) => entry.Value.ToArray(), default, cancellationToken);
    }

    /// <summary>Reads a value as UTF-8 text.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The text, or <see langword="null"/> if there is no such key.</returns>
    /// <exception cref="ArgumentException">The key is not a legal key.</exception>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    public static ValueTask<string?> GetStringAsync(this INatsKvBucket bucket, string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        return bucket.ReadAsync<object?, string>(key, null, static (entry, _) => Encoding.UTF8.GetString(entry.Value), default, cancellationToken);
    }

    /// <summary>Reads a value into a buffer of the caller's, without an array in between.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="destination">Receives the bytes, on the connection's thread: it must not block.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns><see langword="false"/> if there is no such key; then nothing was written.</returns>
    /// <exception cref="ArgumentException">The key is not a legal key.</exception>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    public static ValueTask<bool> TryReadAsync(
        this INatsKvBucket bucket, string key, IBufferWriter<byte> destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        ArgumentNullException.ThrowIfNull(destination);
        return bucket.ReadAsync(key, destination, Copy, default, cancellationToken);

        static bool Copy(NatsKvEntryView entry, IBufferWriter<byte> destination)
        {
            destination.Write(entry.Value);
            return true;
        }
    }
}
