namespace NatsKv.Caching.Tests.Fakes;

/// <summary>A client with one bucket, which exists only once it has been made or <see cref="Exists"/> has been set.</summary>
public sealed class FakeClient : INatsKvClient, INatsKvBlockingClient
{
    private readonly FakeBucket _bucket;

    public FakeClient(TimeProvider clock, string bucket = "cache")
    {
        _bucket = new FakeBucket(bucket, clock) { IsGone = true };
    }

    public FakeBucket Bucket => _bucket;

    public bool Exists
    {
        get => !_bucket.IsGone;
        set => _bucket.IsGone = !value;
    }

    public List<NatsKvBucketConfig> Made { get; } = [];

    public int StatusRequests { get; private set; }

    public Exception? NextFailure { get; set; }

    /// <summary>Runs instead of making a bucket.</summary>
    public Action? OnCreate { get; set; }

    public INatsKvBlockingClient Blocking => this;

    public NatsKvServerInfo? Server { get; set; } = new() { Name = "fake", Version = "2.15.1", JetStream = true, ApiLevel = 3, MaxPayload = 1024 * 1024 };

    public INatsKvBucket Bind(string bucket, NatsKvBucketOptions? options = null)
    {
        ObjectDisposedException.ThrowIf(bucket != _bucket.Name, this);
        return new CountingBucket(this);
    }

    public ValueTask<INatsKvBucket> CreateBucketAsync(NatsKvBucketConfig config, CancellationToken cancellationToken = default) => new(CreateBucket(config, cancellationToken));

    public INatsKvBucket CreateBucket(NatsKvBucketConfig config, CancellationToken cancellationToken = default)
    {
        OnCreate?.Invoke();
        Made.Add(config);
        _bucket.Config = config;
        _bucket.AllowsKeyTtl = config.LimitMarkerTtl is not null;
        Exists = true;
        return _bucket;
    }

    public NatsKvBucketStatus? FindBucket(string bucket, CancellationToken cancellationToken = default)
    {
        CountStatus();
        return Exists ? _bucket.Status() : null;
    }

    public ValueTask<INatsKvBucket> GetBucketAsync(string bucket, NatsKvBucketOptions? options, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public INatsKvBucket GetBucket(string bucket, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<INatsKvBucket> CreateOrUpdateBucketAsync(NatsKvBucketConfig config, CancellationToken cancellationToken = default) =>
        throw new InvalidOperationException("A cache never changes a bucket.");

    public ValueTask<INatsKvBucket> UpdateBucketAsync(
        string bucket, Func<NatsKvBucketConfig, NatsKvBucketConfig> change, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IAsyncEnumerable<NatsKvBucketStatus> ListBucketsAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IAsyncEnumerable<string> ListBucketNamesAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<bool> DeleteBucketAsync(string bucket, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<TimeSpan> PingAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public INatsKvClient Share() => throw new NotSupportedException();

    public void Dispose()
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal void CountStatus()
    {
        StatusRequests++;
        if (NextFailure is { } failure)
        {
            NextFailure = null;
            throw failure;
        }
    }
}
