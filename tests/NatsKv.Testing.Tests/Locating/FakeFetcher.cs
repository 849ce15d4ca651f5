using NatsKv.Testing.Locating;

namespace NatsKv.Testing.Tests.Locating;

/// <summary>'Fetches' an executable that says it has a version; fails for <see langword="null"/>. Counts.</summary>
internal sealed class FakeFetcher(string? version) : IServerFetcher
{
    private int _fetches;

    public int Fetches => _fetches;

    /// <summary>Holds a fetch up until it is completed.</summary>
    public Task Gate { get; init; } = Task.CompletedTask;

    public async Task<string> FetchAsync(ServerLine line, string folder, IProgress<string>? progress, CancellationToken ct)
    {
        Interlocked.Increment(ref _fetches);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
        await Gate.WaitAsync(ct);
        return version is null ? throw new ServerFetchException("the place is closed") : FakeServer.Write(Path.Combine(folder, "a", "b"), version);
    }
}
