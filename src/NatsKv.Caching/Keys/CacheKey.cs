namespace NatsKv.Caching.Keys;

/// <summary>A cache key as the bucket knows it.</summary>
/// <param name="Bucket">The key in the bucket.</param>
/// <param name="Original">
/// For a key that stands in the bucket as a digest: the text of the header that carries the caller's key; <see langword="null"/> otherwise.
/// </param>
/// <param name="IsDigest">Whether <paramref name="Bucket"/> is a digest, which by itself doesn't tell the caller's key.</param>
internal readonly record struct CacheKey(string Bucket, string? Original, bool IsDigest);
