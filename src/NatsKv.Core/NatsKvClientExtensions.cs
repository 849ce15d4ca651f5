namespace NatsKv;

/// <summary>More forms of the operations of <see cref="INatsKvClient"/>.</summary>
public static class NatsKvClientExtensions
{
    /// <summary>A handle on an existing bucket, with the default options.</summary>
    /// <param name="client">The client.</param>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The handle.</returns>
    /// <exception cref="ArgumentException">The name is not a legal bucket name.</exception>
    /// <exception cref="NatsKvBucketNotFoundException">There is no such bucket.</exception>
    /// <exception cref="NatsKvConnectionException">The server can't be reached or refuses the connection.</exception>
    public static ValueTask<INatsKvBucket> GetBucketAsync(this INatsKvClient client, string bucket, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.GetBucketAsync(bucket, options: null, cancellationToken);
    }

    /// <summary>A handle on an existing bucket, whatever its configuration; makes the bucket if there is none. Hosts may race for it.</summary>
    /// <param name="client">The client.</param>
    /// <param name="config">How to make it, if there is none.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The handle.</returns>
    /// <exception cref="NatsKvBucketConfigException">There is a stream of that name that is no bucket, or the server refuses the configuration.</exception>
    /// <exception cref="ArgumentException">The configuration breaks a rule; the message names it.</exception>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    public static async ValueTask<INatsKvBucket> OpenOrCreateBucketAsync(
        this INatsKvClient client, NatsKvBucketConfig config, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(config);
        try
        {
            return await client.GetBucketAsync(config.Bucket, cancellationToken).ConfigureAwait(false);
        }
        catch (NatsKvBucketNotFoundException)
        {
            // Made below, unless another host is faster.
        }

        try
        {
            return await client.CreateBucketAsync(config, cancellationToken).ConfigureAwait(false);
        }
        catch (NatsKvBucketExistsException)
        {
            return await client.GetBucketAsync(config.Bucket, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What the server says of a bucket, if there is one.</summary>
    /// <param name="client">The client.</param>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The status, or <see langword="null"/> if there is no such bucket.</returns>
    /// <exception cref="ArgumentException">The name is not a legal bucket name.</exception>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    public static async ValueTask<NatsKvBucketStatus?> FindBucketAsync(this INatsKvClient client, string bucket, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        try
        {
            return await client.Bind(bucket).GetStatusAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (NatsKvBucketNotFoundException)
        {
            return null;
        }
    }
}
