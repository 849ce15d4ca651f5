using System.CommandLine;
using NatsKv.Testing;

namespace NatsKv.LoadTest.Commands;

/// <summary>The command line of the load test.</summary>
internal static class LoadTestCommandLine
{
    private static readonly Option<bool> Quick = new("--quick") { Description = "The rows that matter most, within a minute." };

    private static readonly Option<FileInfo?> Json = new("--json") { Description = "Also write the results to this file." };

    private static readonly Option<string?> Rows = new("--rows")
    {
        Description = "Only these rows, separated by commas: 'get' for all sizes of that row, 'get-x64-1024B' for one.",
    };

    private static readonly Option<double?> Seconds = new("--seconds") { Description = "How long to measure each row, ours and the floor together." };

    private static readonly Option<string?> Peer = new("--peer")
    {
        Description = "Another client to measure beside ours, in the rows that it has: 'natsnet' for the official one, if it was compiled in.",
    };

    private static readonly Option<bool> List = new("--list") { Description = "Print the names of the rows and exit." };

    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Measures the clients against a raw socket that does the same work on the wire.") { Quick, Json, Rows, Seconds, Peer, List };
        root.SetAction((result, cancellationToken) => LoadTestCommand.RunAsync(
            new LoadTestSettings
            {
                Quick = result.GetValue(Quick),
                Json = result.GetValue(Json),
                Rows = result.GetValue(Rows)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [],
                Seconds = result.GetValue(Seconds),
                Peer = result.GetValue(Peer),
                ListOnly = result.GetValue(List),
            },
            cancellationToken));
        try
        {
            return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception exception) when (exception is NatsServerNotFoundException or NatsServerStartException or ArgumentException)
        {
            // Each of these names the thing and the remedy.
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }
}
