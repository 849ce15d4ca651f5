namespace NatsKv.Caching.Buckets;

/// <summary>A bucket that has been found fit for caching.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="MarkerTtl">How long its markers stay.</param>
/// <param name="MaxValueSize">The largest value that it takes, headers included, or <see langword="null"/>.</param>
internal sealed record CacheBucket(INatsKvBucket Bucket, TimeSpan MarkerTtl, int? MaxValueSize);
