namespace NatsKv.Caching;

/// <summary>The options as they were when the cache was made; later changes to them have no effect.</summary>
internal sealed class CacheSettings(NatsKvCacheOptions options)
{
    public string Bucket { get; } = options.Bucket;

    public string? InstanceName { get; } = options.InstanceName;

    public bool CreateBucket { get; } = options.CreateBucket;

    public NatsKvBucketConfig NewBucket { get; } = new()
    {
        Bucket = options.Bucket,
        Description = "Cache",
        History = 1,
        LimitMarkerTtl = options.LimitMarkerTtl,
        Storage = options.Storage,
        Replicas = options.Replicas,
        MaxBytes = options.MaxBytes,
    };

    public TimeSpan Grace { get; } = options.ExpirationGrace;

    public TimeSpan? DefaultExpiration { get; } = options.DefaultExpiration;

    public TimeSpan? DefaultSlidingExpiration { get; } = options.DefaultSlidingExpiration;

    public double SlidingQuantum { get; } = options.SlidingRefresh == NatsKvSlidingRefresh.Off ? 0 : options.SlidingRefreshQuantum;

    public bool GetTouches { get; } = options.SlidingRefresh == NatsKvSlidingRefresh.OnGet;

    public bool RefreshTouches { get; } = options.SlidingRefresh != NatsKvSlidingRefresh.Off;

    public NatsKvReadOptions Read { get; } = new() { FromLeader = options.ReadFromLeader };
}
