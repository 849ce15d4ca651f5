using System.Buffers;
using BenchmarkDotNet.Attributes;
using NatsKv.Buckets;

namespace NatsKv.Benchmarks.Wire;

/// <summary>Writes the headers of a put. A plain put has none.</summary>
public class HeaderEncoding
{
    private readonly NatsKvWriteOptions _expiring = new() { TimeToLive = TimeSpan.FromMinutes(10) };
    private readonly NatsKvWriteOptions _full = new()
    {
        TimeToLive = TimeSpan.FromMinutes(10),
        ExpectedRevision = 123_456,
        Headers = new NatsKvHeaders { { "Kvc", "1;x=1763667000000" } },
    };

    [Benchmark(Baseline = true)]
    public int Plain() => Build(default);

    [Benchmark]
    public int WithTtl() => Build(_expiring);

    [Benchmark]
    public int WithTtlRevisionAndUserHeader() => Build(_full);

    private static int Build(in NatsKvWriteOptions options)
    {
        int length = WriteHeaders.Build(NatsKvOperation.Put, options, rollup: false, messageNumber: 0, out byte[]? rented).Length;
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return length;
    }
}
