namespace NatsKv.Configuration.Tests.Fakes;

internal sealed class FakeClient : INatsKvClient
{
    private readonly FakeServer _server;
    private bool _disposed;

    public FakeClient(FakeServer server)
    {
        _server = server;
        server.OpenHandles++;
    }

    public INatsKvBlockingClient Blocking => throw new NotSupportedException();

    public NatsKvServerInfo? Server => null;

    public INatsKvBucket Bind(string bucket, NatsKvBucketOptions? options = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new FakeBucket(_server, bucket);
    }

    public ValueTask<INatsKvBucket> GetBucketAsync(string bucket, NatsKvBucketOptions? options, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<INatsKvBucket> CreateBucketAsync(NatsKvBucketConfig config, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<INatsKvBucket> CreateOrUpdateBucketAsync(NatsKvBucketConfig config, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<INatsKvBucket> UpdateBucketAsync(
        string bucket, Func<NatsKvBucketConfig, NatsKvBucketConfig> change, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IAsyncEnumerable<NatsKvBucketStatus> ListBucketsAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IAsyncEnumerable<string> ListBucketNamesAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<bool> DeleteBucketAsync(string bucket, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<TimeSpan> PingAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public INatsKvClient Share()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new FakeClient(_server);
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _server.OpenHandles--;
        }
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
