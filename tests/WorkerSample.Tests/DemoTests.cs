using System.Text.RegularExpressions;

namespace WorkerSample.Tests;

public sealed partial class DemoTests
{
    [Fact]
    public async Task Demo_PlaysTheCheckedInStoryAndLeavesNothingBehind()
    {
        using var state = new StateFolder();

        (int exitCode, string[] output, string[] errors) = await SampleProcess.RunAsync(state.Path, null, "--demo");

        // The first lines may tell of fetching the server.
        IEnumerable<string> story = output.SkipWhile(static line => !line.Contains(" runs at ", StringComparison.Ordinal)).Select(Mask);
        string[] expected = await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "demo.txt"), TestContext.Current.CancellationToken);
        Assert.Equal(expected, story);
        Assert.Empty(errors);
        Assert.Equal(0, exitCode);
    }

    /// <summary>What differs from run to run: times, the port, the server's version.</summary>
    internal static string Mask(string line) =>
        Version().Replace(Port().Replace(Time().Replace(line, "# $1"), "127.0.0.1:#"), "nats-server #");

    [GeneratedRegex(@"\d+\.\d+ (ms|s)\b")]
    private static partial Regex Time();

    [GeneratedRegex(@"127\.0\.0\.1:\d+")]
    private static partial Regex Port();

    [GeneratedRegex(@"nats-server \d+\.\d+\.\d+\S*")]
    private static partial Regex Version();
}
