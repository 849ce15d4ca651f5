using System.Text;
using BenchmarkDotNet.Attributes;
using NatsKv.Buckets;
using NatsKv.Wire;

namespace NatsKv.Benchmarks.Wire;

/// <summary>Reads the headers of a stored message. The baseline reads one of them.</summary>
public class HeaderDecoding
{
    private readonly byte[] _block = Encoding.ASCII.GetBytes(SampleFrames.StoredHeaders);

    [Benchmark(Baseline = true)]
    public int FindOne() => HeaderDecoder.TryGetLast(_block, "Nats-Sequence"u8, out ReadOnlySpan<byte> value) ? value.Length : 0;

    [Benchmark]
    public ulong ReadStored() => StoredHeaders.Read(_block).Sequence;
}
