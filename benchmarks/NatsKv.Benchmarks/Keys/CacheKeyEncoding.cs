using BenchmarkDotNet.Attributes;
using NatsKv.Caching.Keys;

namespace NatsKv.Benchmarks.Keys;

/// <summary>Makes a bucket key of a cache key. The baseline needs no change.</summary>
public class CacheKeyEncoding
{
    private readonly CacheKeyEncoder _encoder = new(instanceName: null);
    // In fields: of literals the JIT knows the answer.
    private readonly string _unchanged = string.Concat("user", "-42-cart");
    private readonly string _colons = string.Concat("user:", "42:cart");
    private readonly string _escaped = string.Concat("user:müller@example.com", "?page=1");
    private readonly string _tooLong = new('k', CacheKeyEncoder.MaxReadableLength + 1);

    [Benchmark(Baseline = true)]
    public int Unchanged() => _encoder.Encode(_unchanged).Bucket.Length;

    [Benchmark]
    public int Colons() => _encoder.Encode(_colons).Bucket.Length;

    [Benchmark]
    public int Escaped() => _encoder.Encode(_escaped).Bucket.Length;

    [Benchmark]
    public int Digest() => _encoder.Encode(_tooLong).Bucket.Length;
}
