using Microsoft.Extensions.Logging;

namespace NatsKv;

/// <summary>The client.</summary>
public sealed class NatsKvClient : INatsKvClient
{
    /// <summary>Makes the client.</summary>
    public NatsKvClient(NatsKvOptions options, ILoggerFactory? loggerFactory = null, TimeProvider? timeProvider = null)
        => throw new NotImplementedException();

    /// <summary>The settings.</summary>
    public NatsKvConnectionSettings Settings => throw new NotImplementedException();

    /// <inheritdoc/>
    public INatsKvBlockingClient Blocking => throw new NotImplementedException();

    /// <inheritdoc/>
    public NatsKvServerInfo? Server => throw new NotImplementedException();

    /// <inheritdoc/>
    public INatsKvBucket Bind(string bucket) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask<INatsKvBucket> GetBucketAsync(string bucket, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask<INatsKvBucket> CreateBucketAsync(NatsKvBucketConfig config, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask<INatsKvBucket> CreateOrUpdateBucketAsync(NatsKvBucketConfig config, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask<bool> DeleteBucketAsync(string bucket, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask<TimeSpan> PingAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <inheritdoc/>
    public INatsKvClient Share() => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
