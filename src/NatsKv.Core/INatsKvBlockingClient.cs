namespace NatsKv;

/// <summary>The client's operations for interfaces that can't await; see <see cref="INatsKvBlockingBucket"/>.</summary>
public interface INatsKvBlockingClient
{
    /// <inheritdoc cref="NatsKvClientExtensions.GetBucketAsync"/>
    INatsKvBucket GetBucket(string bucket, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="INatsKvClient.CreateBucketAsync"/>
    INatsKvBucket CreateBucket(NatsKvBucketConfig config, CancellationToken cancellationToken = default);

    /// <summary>Asks the server for a bucket's configuration and size.</summary>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The status, or <see langword="null"/> if there is no such bucket.</returns>
    NatsKvBucketStatus? FindBucket(string bucket, CancellationToken cancellationToken = default);
}
