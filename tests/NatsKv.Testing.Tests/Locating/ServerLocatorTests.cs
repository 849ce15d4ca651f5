using NatsKv.TestKit;
using NatsKv.Testing.Locating;

namespace NatsKv.Testing.Tests.Locating;

public sealed class ServerLocatorTests : IDisposable
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private readonly string _folder = Directory.CreateTempSubdirectory("natskv-test-").FullName;
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);

    public ServerLocatorTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The fake servers are shell scripts.");
        _variables["XDG_CACHE_HOME"] = Path.Combine(_folder, "cache");
        _variables["PATH"] = Path.Combine(_folder, "bin");
    }

    private string CacheFolder => Path.Combine(_folder, "cache", "natskv", "nats-server");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task LocateAsync_VariableNamesAFile_TakesItWhateverItIs()
    {
        _variables["NATS_SERVER"] = FakeServer.Write(Path.Combine(_folder, "mine"), "2.8.0");
        Assert.Equal(Path.Combine(_folder, "mine"), await LocateAsync());
    }

    [Fact]
    public async Task LocateAsync_VariableNamesNoFile_ThrowsAndFetchesNothing()
    {
        _variables["NATS_SERVER"] = Path.Combine(_folder, "missing");
        var fetcher = new FakeFetcher("2.15.1");

        NatsServerNotFoundException error = await Assert.ThrowsAsync<NatsServerNotFoundException>(() => LocateAsync(fetchers: fetcher));

        Assert.Contains("NATS_SERVER", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, fetcher.Fetches);
    }

    [Fact]
    public async Task LocateAsync_OldLine_ReadsItsOwnVariable()
    {
        _variables["NATS_SERVER"] = FakeServer.Write(Path.Combine(_folder, "new"), "2.15.1");
        _variables["NATS_SERVER_2_9"] = FakeServer.Write(Path.Combine(_folder, "old"), "2.9.1");
        Assert.Equal(Path.Combine(_folder, "old"), await LocateAsync(NatsServerVersion.V2_9));
    }

    [Theory]
    [InlineData("2.10.27", NatsServerVersion.Latest, false)]
    [InlineData("2.11.0", NatsServerVersion.Latest, true)]
    [InlineData("2.10.27", NatsServerVersion.V2_10, true)]
    public async Task LocateAsync_OnPath_TakesItIfItIsOfTheLine(string version, NatsServerVersion wanted, bool taken)
    {
        string onPath = FakeServer.Write(Path.Combine(_folder, "bin", "nats-server"), version);
        var fetcher = new FakeFetcher("2.15.1");

        string found = await LocateAsync(wanted, fetcher);

        Assert.Equal(taken, found == onPath);
        Assert.Equal(taken ? 0 : 1, fetcher.Fetches);
    }

    [Fact]
    public async Task LocateAsync_OnPathButBroken_GoesOn()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "bin"));
        FakeServer.WriteScript(Path.Combine(_folder, "bin", "nats-server"), "exit 3");
        Assert.StartsWith(CacheFolder, await LocateAsync(fetchers: new FakeFetcher("2.15.1")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LocateAsync_SecondTime_TakesItFromTheCache()
    {
        var fetcher = new FakeFetcher("2.15.1");

        string first = await LocateAsync(fetchers: fetcher);
        _variables["NATSKV_NO_FETCH"] = "1";
        string second = await LocateAsync(fetchers: fetcher);

        Assert.Equal(first, second);
        Assert.Equal(1, fetcher.Fetches);
        Assert.Equal(".lock", Path.GetFileName(Assert.Single(Directory.EnumerateFiles(CacheFolder))));
        Assert.Single(Directory.EnumerateDirectories(CacheFolder));
    }

    [Fact]
    public async Task LocateAsync_SeveralCached_TakesTheNewestOfTheLine()
    {
        await LocateAsync(NatsServerVersion.V2_9, new FakeFetcher("2.9.10"));
        await LocateAsync(fetchers: new FakeFetcher("2.11.2"));
        string architecture = Path.GetFileName(Path.GetDirectoryName(await LocateAsync())!).Split('-')[1];
        FakeServer.Write(Path.Combine(CacheFolder, $"2.12.0-{architecture}", "nats-server"), "2.12.0");
        FakeServer.Write(Path.Combine(CacheFolder, "9.0.0-pdp11", "nats-server"), "9.0.0");

        Assert.Contains("2.12.0", await LocateAsync(), StringComparison.Ordinal);
        Assert.Contains("2.9.10", await LocateAsync(NatsServerVersion.V2_9), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LocateAsync_FetchForbidden_ThrowsOneSentenceThatSaysWhatToDo()
    {
        _variables["NATSKV_NO_FETCH"] = "1";

        NatsServerNotFoundException error = await Assert.ThrowsAsync<NatsServerNotFoundException>(() => LocateAsync(fetchers: new FakeFetcher("2.15.1")));

        Assert.Contains("NATSKV_NO_FETCH", error.Message, StringComparison.Ordinal);
        Assert.Contains("2.11", error.Message, StringComparison.Ordinal);
        Assert.Contains("install", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(CacheFolder));
    }

    [Fact]
    public async Task LocateAsync_NoPlaceHasIt_ThrowsWithTheReasonsAndLeavesNothing()
    {
        NatsServerNotFoundException error = await Assert.ThrowsAsync<NatsServerNotFoundException>(
            () => LocateAsync(NatsServerVersion.V2_10, new FakeFetcher(null), new FakeFetcher("2.15.1")));

        Assert.Contains("the place is closed; what was fetched is 2.15.1", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(CacheFolder));
    }

    [Fact]
    public async Task LocateAsync_FirstPlaceFails_TakesTheSecond() =>
        Assert.Contains("2.15.1", await LocateAsync(fetchers: [new FakeFetcher(null), new FakeFetcher("2.15.1")]), StringComparison.Ordinal);

    [Fact]
    public async Task LocateAsync_ManyAtOnce_FetchOnce()
    {
        var gate = new TaskCompletionSource();
        var fetcher = new FakeFetcher("2.15.1") { Gate = gate.Task };

        Task<string>[] all = [.. Enumerable.Range(0, 8).Select(_ => LocateAsync(fetchers: fetcher))];
        await Eventually.TrueAsync(() => fetcher.Fetches == 1, "the first has begun to fetch", ct: Ct);
        gate.SetResult();

        Assert.Single((await Task.WhenAll(all)).Distinct(StringComparer.Ordinal));
        Assert.Equal(1, fetcher.Fetches);
    }

    [Fact]
    public async Task LocateAsync_CacheCannotBeWritten_ThrowsInsteadOfWaiting()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "cache"), "a file where the folder should be", Ct);

        NatsServerNotFoundException error = await Assert.ThrowsAsync<NatsServerNotFoundException>(() => LocateAsync(fetchers: new FakeFetcher("2.15.1")));

        Assert.Contains("can't be written to", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LocateAsync_FetchKilledHalfWay_StartsAfreshAndRemovesTheRest()
    {
        FakeServer.Write(Path.Combine(CacheFolder, ".fetch-1234", "nats-server"), "2.15.1");

        await LocateAsync(fetchers: new FakeFetcher("2.15.1"));

        Assert.Empty(Directory.EnumerateDirectories(CacheFolder, ".fetch-*"));
    }

    [Fact]
    public async Task LocateAsync_CancelledWhileFetching_LeavesNothing()
    {
        using var cancel = new CancellationTokenSource();
        var fetcher = new FakeFetcher("2.15.1") { Gate = new TaskCompletionSource().Task };
        Task<string> locating = LocateAsync(fetchers: [fetcher], ct: cancel.Token);
        await Eventually.TrueAsync(() => fetcher.Fetches == 1, "it has begun to fetch", ct: Ct);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => locating);
        Assert.Empty(Directory.EnumerateDirectories(CacheFolder));
    }

    private Task<string> LocateAsync(NatsServerVersion version = NatsServerVersion.Latest, params IServerFetcher[] fetchers) =>
        LocateAsync(fetchers, Ct, version);

    private Task<string> LocateAsync(IServerFetcher[] fetchers, CancellationToken ct, NatsServerVersion version = NatsServerVersion.Latest) =>
        new ServerLocator(new LocatorEnvironment(name => _variables.GetValueOrDefault(name)), fetchers).LocateAsync(version, null, ct);
}
