using NatsKv.LoadTest.Measuring;
using NatsKv.LoadTest.Reporting;

namespace NatsKv.LoadTest.Rows;

/// <summary>Makes results from what was measured.</summary>
internal static class RowResults
{
    public static RowResult From(IRow row, in SliceComparison comparison, double[] sortedMicros) => new()
    {
        Name = row.Name,
        Callers = row.Callers,
        ValueBytes = row.ValueBytes,
        OpsPerSecond = comparison.PerSecond,
        FloorOpsPerSecond = comparison.FloorPerSecond,
        Ratio = comparison.Ratio,
        RatioMin = comparison.RatioMin,
        RatioMax = comparison.RatioMax,
        P50Micros = Samples.Percentile(sortedMicros, 0.5),
        P99Micros = Samples.Percentile(sortedMicros, 0.99),
        AllocatedBytesPerOp = comparison.AllocatedBytesPerOperation,
        CpuMicrosPerOp = comparison.CpuMicrosPerOperation,
        FloorCpuMicrosPerOp = comparison.FloorCpuMicrosPerOperation,
    };
}
