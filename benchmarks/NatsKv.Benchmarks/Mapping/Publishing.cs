using BenchmarkDotNet.Attributes;
using NatsKv.Configuration.Mapping;

namespace NatsKv.Benchmarks.Mapping;

/// <summary>Makes the settings that come after one change, beside those that readers see. The baseline copies all of them.</summary>
public class Publishing
{
    private readonly ViewChanges _value = new(Whole: false, [new ViewChange(SampleSettings.Key, "changed", Removed: false)]);
    private readonly ViewChanges _newKey = new(Whole: false, [new ViewChange("Section0000003:Added", "new", Removed: false)]);
    private Dictionary<string, string?> _all = [];
    private FlatData _data = FlatData.Empty;

    [Params(100, 100_000)]
    public int Keys { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _all = SampleSettings.Of(Keys);
        _data = SampleSettings.FlatOf(Keys);
    }

    [Benchmark(Baseline = true)]
    public int CopyAll() => new Dictionary<string, string?>(_all, StringComparer.OrdinalIgnoreCase) { [SampleSettings.Key] = "changed" }.Count;

    [Benchmark]
    public int ChangeValue() => _data.Next(_value)!.Count;

    [Benchmark]
    public int AddKey() => _data.Next(_newKey)!.Count;
}
