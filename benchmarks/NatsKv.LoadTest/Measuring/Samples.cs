using System.Diagnostics;

namespace NatsKv.LoadTest.Measuring;

/// <summary>Medians and percentiles.</summary>
internal static class Samples
{
    public static double Median(IEnumerable<double> values) => Percentile([.. values.Order()], 0.5);

    /// <summary>A percentile of sorted values; zero without any.</summary>
    public static double Percentile(ReadOnlySpan<double> sorted, double share) =>
        sorted.IsEmpty ? 0 : sorted[(int)Math.Min(sorted.Length - 1, Math.Round(share * (sorted.Length - 1)))];

    public static double[] SortedMicros(IEnumerable<long> timestampTicks) =>
        [.. timestampTicks.Select(static ticks => ticks * 1_000_000.0 / Stopwatch.Frequency).Order()];
}
