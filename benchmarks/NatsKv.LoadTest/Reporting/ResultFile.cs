using System.Text.Json;

namespace NatsKv.LoadTest.Reporting;

/// <summary>The results for programs.</summary>
internal static class ResultFile
{
    public static async Task WriteAsync(FileInfo file, List<RowResult> results, CancellationToken cancellationToken)
    {
        await using FileStream stream = file.Create();
        await JsonSerializer.SerializeAsync(stream, results, ResultJsonContext.Default.ListRowResult, cancellationToken);
    }
}
