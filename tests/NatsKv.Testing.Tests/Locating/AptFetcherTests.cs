using NatsKv.Testing.Locating;

namespace NatsKv.Testing.Tests.Locating;

public sealed class AptFetcherTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("natskv-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task FetchAsync_OldLine_GetsAServerThatRuns()
    {
        Assert.SkipUnless(File.Exists("/usr/share/keyrings/debian-archive-keyring.gpg"), "This is no Debian.");
        Assert.SkipWhen(LocatorEnvironment.Process.FetchForbidden, "Fetching is forbidden.");
        var reports = new List<string>();

        string executable = await new AptFetcher(LocatorEnvironment.Process).FetchAsync(
            ServerLine.Of(NatsServerVersion.V2_9), _folder, new ListProgress(reports), TestContext.Current.CancellationToken);

        Version? version = await ServerExecutable.TryGetVersionAsync(executable, TestContext.Current.CancellationToken);
        Assert.Equal("2.9", version?.ToString(2));
        Assert.Contains("nats-server", Assert.Single(reports), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FetchAsync_WithoutApt_SaysSo()
    {
        var fetcher = new AptFetcher(new LocatorEnvironment(_ => null));

        ServerFetchException error = await Assert.ThrowsAsync<ServerFetchException>(() => fetcher.FetchAsync(
            ServerLine.Of(NatsServerVersion.Latest), _folder, null, TestContext.Current.CancellationToken));

        Assert.Contains("no machine with apt", error.Message, StringComparison.Ordinal);
    }

    private sealed class ListProgress(List<string> reports) : IProgress<string>
    {
        public void Report(string value) => reports.Add(value);
    }
}
