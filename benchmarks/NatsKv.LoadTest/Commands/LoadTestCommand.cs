using NatsKv.LoadTest.Measuring;
using NatsKv.LoadTest.Peers;
using NatsKv.LoadTest.Reporting;
using NatsKv.LoadTest.Rows;
using NatsKv.Testing;

namespace NatsKv.LoadTest.Commands;

/// <summary>Starts a server, measures the rows one after the other, and reports.</summary>
internal static class LoadTestCommand
{
    private const int PeerIsMissing = 2;

    public static async Task<int> RunAsync(LoadTestSettings settings, CancellationToken cancellationToken)
    {
        if (PeerRows.WhatIsMissing(settings.Peer) is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return PeerIsMissing;
        }

        IReadOnlyList<IRow> rows = RowCatalog.Select(settings);
        if (settings.ListOnly)
        {
            foreach (IRow row in rows)
            {
                Console.WriteLine(RowCatalog.FullName(row));
            }

            return 0;
        }

        await using NatsServer server = await NatsServer.StartAsync(new NatsServerOptions { Progress = new LineProgress() }, cancellationToken);
        var plan = SlicePlan.For(settings);
        Console.WriteLine($"nats-server {server.Version} on {Environment.ProcessorCount} cores; .NET {Environment.Version}; {plan}");
        List<RowResult> results = await OwnThread.RunAsync(() => MeasureAll(server.Url, plan, rows, cancellationToken));
        if (settings.Json is { } file)
        {
            await ResultFile.WriteAsync(file, results, cancellationToken);
            Console.WriteLine($"Results are in {file.FullName}.");
        }

        return results.Count == rows.Count ? 0 : 1;
    }

    private static List<RowResult> MeasureAll(string url, SlicePlan plan, IReadOnlyList<IRow> rows, CancellationToken cancellationToken)
    {
        using var client = new NatsKvClient(new NatsKvOptions { Url = url, ClientName = "load test" });
        var results = new List<RowResult>();
        var table = new ResultTable(rows);
        table.WriteHeader();
        foreach (IRow row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            string name = RowCatalog.FullName(row);
            try
            {
                RowResult result = row.Measure(new RowContext(url, client, plan, new RowProgress(name)));
                RowProgress.Clear();
                table.Write(result);
                results.Add(result);
            }
            catch (Exception exception)
            {
                // The other rows are worth having all the same; the exit code tells.
                RowProgress.Clear();
                Console.WriteLine($"{name} failed: {exception}");
            }
        }

        ResultTable.WriteLegend();
        return results;
    }
}
