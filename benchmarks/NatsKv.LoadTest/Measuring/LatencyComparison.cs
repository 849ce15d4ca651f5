namespace NatsKv.LoadTest.Measuring;

/// <summary>Ours against the floor where what counts is how long one thing takes; the ratio is floor ÷ ours.</summary>
internal sealed record LatencyComparison(double[] SortedMicros, SliceComparison Summary)
{
    /// <summary>Runs slices of some operations in turn; each function returns how long one took, in timestamp ticks.</summary>
    public static LatencyComparison Run(int pairs, int operations, RowProgress progress, Func<long> ours, Func<long> floor)
    {
        var all = new List<long>();
        var allFloors = new List<long>();
        var ratios = new List<double>();
        long allocated = 0;
        for (int pair = 0; pair < pairs; pair++)
        {
            progress.Report(pair, pairs);
            long before = GC.GetTotalAllocatedBytes(precise: true);
            long[] slice = [.. Enumerable.Range(0, operations).Select(_ => ours())];
            allocated += GC.GetTotalAllocatedBytes(precise: true) - before;
            long[] floors = [.. Enumerable.Range(0, operations).Select(_ => floor())];
            ratios.Add(MedianOf(floors) / MedianOf(slice));
            all.AddRange(slice);
            allFloors.AddRange(floors);
        }

        double[] micros = Samples.SortedMicros(all);
        var summary = new SliceComparison(
            PerSecond(all), PerSecond(allFloors), Samples.Median(ratios), ratios.Min(), ratios.Max(), (double)allocated / all.Count);
        return new LatencyComparison(micros, summary);
    }

    private static double PerSecond(List<long> ticks) => 1_000_000 / Samples.Percentile(Samples.SortedMicros(ticks), 0.5);

    private static double MedianOf(long[] ticks) => Samples.Median(ticks.Select(static value => (double)value));
}
