using System.Runtime.InteropServices;

namespace NatsKv.LoadTest.Measuring;

/// <summary>Ours against the floor, over all pairs of slices.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SliceComparison(
    double PerSecond, double FloorPerSecond, double Ratio, double RatioMin, double RatioMax, double AllocatedBytesPerOperation)
{
    /// <summary>Runs slices in turn and compares each with its neighbour: what disturbs the machine disturbs both.</summary>
    public static SliceComparison Run(int pairs, RowProgress progress, Func<SliceCount> ours, Func<SliceCount> floor)
    {
        var counts = new List<SliceCount>(pairs);
        var floors = new List<SliceCount>(pairs);
        for (int pair = 0; pair < pairs; pair++)
        {
            progress.Report(pair, pairs);
            long before = GC.GetTotalAllocatedBytes(precise: true);
            SliceCount count = ours();
            counts.Add(count with { AllocatedBytes = GC.GetTotalAllocatedBytes(precise: true) - before });
            floors.Add(floor());
        }

        double[] ratios = [.. counts.Zip(floors, static (count, other) => count.PerSecond / other.PerSecond)];
        return new SliceComparison(
            Samples.Median(counts.Select(static count => count.PerSecond)),
            Samples.Median(floors.Select(static count => count.PerSecond)),
            Samples.Median(ratios),
            ratios.Min(),
            ratios.Max(),
            Samples.Median(counts.Select(static count => (double)count.AllocatedBytes / Math.Max(1, count.Operations))));
    }
}
