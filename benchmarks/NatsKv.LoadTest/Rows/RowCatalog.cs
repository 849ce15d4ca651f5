using NatsKv.LoadTest.Commands;

namespace NatsKv.LoadTest.Rows;

/// <summary>All rows, in the order in which they are measured.</summary>
internal static class RowCatalog
{
    private const int KiB = 1024;

    private static readonly int[] CallerCounts = [1, 16, 64, 256];
    private static readonly int[] ValueSizes = [64, KiB, 64 * KiB];

    public static string FullName(IRow row) => $"{row.Name}-x{row.Callers}-{row.ValueBytes}B";

    public static IReadOnlyList<IRow> Select(LoadTestSettings settings)
    {
        IRow[] all = [.. All()];
        if (settings.Rows.FirstOrDefault(name => !all.Any(row => Is(row, name))) is { } unknown)
        {
            throw new ArgumentException($"There is no row '{unknown}'. There are: {string.Join(", ", all.Select(static row => row.Name).Distinct())}.");
        }

        return
        [
            .. all.Where(row => settings.Rows.Count == 0
                ? row.IsQuick || !settings.Quick
                : settings.Rows.Any(name => Is(row, name) && (row.IsQuick || !settings.Quick || name == FullName(row) || all.All(other => other.Name != name || !other.IsQuick)))),
        ];
    }

    private static bool Is(IRow row, string name) => row.Name == name || FullName(row) == name;

    private static IEnumerable<IRow> All()
    {
        foreach (int bytes in ValueSizes)
        {
            foreach (int callers in CallerCounts)
            {
                bool isQuick = bytes == KiB && callers is (1 or 64);
                yield return new GetRow(callers, bytes, isQuick);
                yield return new PutRow(callers, bytes, isQuick);
            }
        }

        yield return new GetBufferRow(64, KiB, isQuick: true);
    }
}
