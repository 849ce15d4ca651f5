using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Configuration.Memory;
using NatsKv.Configuration.Mapping;

namespace NatsKv.Benchmarks.Mapping;

/// <summary>
/// Finds the keys below one section, which the binder asks for again and again. The baseline is the provider that comes with .NET; the index is
/// made once, and again when keys have come or gone.
/// </summary>
public class ChildKeysOfSection
{
    private MemoryConfigurationProvider _memory = new(new MemoryConfigurationSource());
    private FlatData _data = FlatData.Empty;
    private ChildKeys _index = FlatData.Empty.Children;

    [Params(100, 100_000)]
    public int Keys { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _memory = new MemoryConfigurationProvider(new MemoryConfigurationSource { InitialData = SampleSettings.Of(Keys) });
        _data = SampleSettings.FlatOf(Keys);
        _index = _data.Children;
    }

    [Benchmark(Baseline = true)]
    public int WalkAllKeys() => _memory.GetChildKeys([], SampleSettings.Section).Count();

    [Benchmark]
    public int LookUp() => _index.Merge([], SampleSettings.Section).Count();

    [Benchmark]
    public object MakeIndex() => new ChildKeys(_data);
}
