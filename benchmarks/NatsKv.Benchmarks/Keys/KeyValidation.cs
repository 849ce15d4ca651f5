using BenchmarkDotNet.Attributes;
using NatsKv.Keys;

namespace NatsKv.Benchmarks.Keys;

/// <summary>Checks that a key is legal, which every operation does first.</summary>
public class KeyValidation
{
    private readonly string _long = string.Join('.', Enumerable.Repeat("segment", 25));

    [Benchmark(Baseline = true)]
    public void Short() => KeyRules.ThrowIfNotKey("app.name");

    [Benchmark]
    public void Usual() => KeyRules.ThrowIfNotKey("FeatureManagement.NewPricing.EnabledFor");

    [Benchmark]
    public void Long() => KeyRules.ThrowIfNotKey(_long);
}
