using NatsKv.LoadTest.Rows;

namespace NatsKv.LoadTest.Reporting;

/// <summary>The results for people, a line as soon as it is known.</summary>
internal sealed class ResultTable(IReadOnlyList<IRow> rows)
{
    private const int UsualNameWidth = 22;

    private readonly int _nameWidth = rows.Select(static row => row.Name.Length).Append(UsualNameWidth).Max();

    public void WriteHeader()
    {
        Console.WriteLine();
        Console.WriteLine($"{"row".PadRight(_nameWidth)} {"callers",7} {"value",8} {"ours/s",10} {"floor/s",10} {"ratio",6} {"(spread)",13} {"p50 µs",9} {"p99 µs",9} {"B/op",8} {"CPU µs/op",9} {"floor's",8}");
    }

    public void Write(RowResult result)
    {
        string ratio = result.Ratio is { } value ? $"{value:0.00}" : "–";
        string spread = result is { RatioMin: { } min, RatioMax: { } max } ? $"({min:0.00}–{max:0.00})" : "";
        Console.WriteLine(
            $"{result.Name.PadRight(_nameWidth)} {result.Callers,7} {Size(result.ValueBytes),8} {Rate(result.OpsPerSecond),10} {Rate(result.FloorOpsPerSecond),10} {ratio,6} {spread,13}"
            + $" {result.P50Micros,9:N0} {result.P99Micros,9:N0} {result.AllocatedBytesPerOp,8:N0} {result.CpuMicrosPerOp,9:0.0} {result.FloorCpuMicrosPerOp,8:0.0}{(result.Note is { } note ? "  " + note : "")}");
    }

    public static void WriteLegend()
    {
        Console.WriteLine();
        Console.WriteLine("ratio: ours ÷ a raw socket that does the same work in the slice next to it (for latencies the other way round); 1 is the floor, more is better.");
    }

    private static string Size(int bytes) => bytes < 1024 ? $"{bytes} B" : $"{bytes / 1024} KiB";

    private static string Rate(double perSecond) => perSecond < 100 ? $"{perSecond:0.0}" : $"{perSecond:N0}";
}
