using System.Runtime.InteropServices;

namespace NatsKv.LoadTest.Measuring;

/// <summary>Ours against the floor, over all pairs of slices.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SliceComparison(
    double PerSecond, double FloorPerSecond, double Ratio, double RatioMin, double RatioMax, double AllocatedBytesPerOperation)
{
    public double? CpuMicrosPerOperation { get; init; }

    public double? FloorCpuMicrosPerOperation { get; init; }

    /// <summary>Runs slices in turn and compares each with its neighbour: what disturbs the machine disturbs both.</summary>
    public static SliceComparison Run(int pairs, RowProgress progress, Func<SliceCount> ours, Func<SliceCount> floor)
    {
        var counts = new List<SliceCount>(pairs);
        var floors = new List<SliceCount>(pairs);
        for (int pair = 0; pair < pairs; pair++)
        {
            progress.Report(pair, pairs);
            counts.Add(Observe(ours));
            floors.Add(Observe(floor));
        }

        double[] ratios = [.. counts.Zip(floors, static (count, other) => count.PerSecond / other.PerSecond)];
        return new SliceComparison(
            Samples.Median(counts.Select(static count => count.PerSecond)),
            Samples.Median(floors.Select(static count => count.PerSecond)),
            Samples.Median(ratios),
            ratios.Min(),
            ratios.Max(),
            Samples.Median(counts.Select(static count => count.AllocatedBytesPerOperation)))
        {
            CpuMicrosPerOperation = Samples.Median(counts.Select(static count => count.CpuMicrosPerOperation)),
            FloorCpuMicrosPerOperation = Samples.Median(floors.Select(static count => count.CpuMicrosPerOperation)),
        };
    }

    private static SliceCount Observe(Func<SliceCount> run)
    {
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        TimeSpan cpu = CpuTime();
        SliceCount count = run();
        return count with { Cpu = CpuTime() - cpu, AllocatedBytes = GC.GetTotalAllocatedBytes(precise: true) - allocated };
    }

    private static TimeSpan CpuTime() =>
        OperatingSystem.IsLinux() || OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? Environment.CpuUsage.TotalTime : default;
}
