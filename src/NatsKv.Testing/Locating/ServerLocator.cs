namespace NatsKv.Testing.Locating;

/// <summary>
/// Finds a nats-server: the one an environment variable names, one on <c>PATH</c>, one in the per-user cache; else fetches one into
/// the cache from the first place that has it.
/// </summary>
internal sealed class ServerLocator(LocatorEnvironment environment, IReadOnlyList<IServerFetcher> fetchers)
{
    public static ServerLocator Default { get; } =
        new(LocatorEnvironment.Process, [new AptFetcher(LocatorEnvironment.Process), new GitHubFetcher()]);

    /// <summary>The path of an executable of the line.</summary>
    /// <exception cref="NatsServerNotFoundException">There is none, and none could be fetched.</exception>
    public async Task<string> LocateAsync(NatsServerVersion version, IProgress<string>? progress, CancellationToken ct)
    {
        ServerLine line = ServerLine.Of(version);
        if (environment.GetVariable(line.PathVariable) is { } given)
        {
            return File.Exists(given)
                ? Path.GetFullPath(given)
                : throw new NatsServerNotFoundException($"The environment variable {line.PathVariable} names '{given}', where there is no file.");
        }

        foreach (string candidate in environment.OnPath(LocatorEnvironment.ExecutableName))
        {
            if (await ServerExecutable.TryGetVersionAsync(candidate, ct).ConfigureAwait(false) is { } found && line.Contains(found))
            {
                return candidate;
            }
        }

        ServerCache? cache = environment.CacheFolder is { } folder ? new ServerCache(folder) : null;
        if (cache?.TryFind(line) is { } cached)
        {
            return cached;
        }

        if (environment.FetchForbidden)
        {
            throw NotFound(line, "NATSKV_NO_FETCH forbids fetching it");
        }

        if (cache is null)
        {
            throw NotFound(line, "this user has no cache folder to fetch it into");
        }

        return await FetchAsync(line, cache, progress, ct).ConfigureAwait(false);
    }

    private async Task<string> FetchAsync(ServerLine line, ServerCache cache, IProgress<string>? progress, CancellationToken ct)
    {
        using IDisposable held = await LockAsync(line, cache, ct).ConfigureAwait(false);
        if (cache.TryFind(line) is { } fetchedMeanwhile)
        {
            return fetchedMeanwhile;
        }

        var reasons = new List<string>();
        foreach (IServerFetcher fetcher in fetchers)
        {
            string folder = cache.CreateFetchFolder();
            try
            {
                string executable = await fetcher.FetchAsync(line, folder, progress, ct).ConfigureAwait(false);
                if (await ServerExecutable.TryGetVersionAsync(executable, ct).ConfigureAwait(false) is not { } version)
                {
                    throw new ServerFetchException("what was fetched doesn't run here");
                }

                if (!line.Contains(version))
                {
                    throw new ServerFetchException($"what was fetched is {version}");
                }

                return cache.Add(executable, version, folder);
            }
            catch (ServerFetchException error)
            {
                reasons.Add(error.Message);
            }
            finally
            {
                ServerCache.Remove(folder);
            }
        }

        throw NotFound(line, $"fetching it failed ({string.Join("; ", reasons)})");
    }

    private static async Task<IDisposable> LockAsync(ServerLine line, ServerCache cache, CancellationToken ct)
    {
        try
        {
            return await cache.LockAsync(ct).ConfigureAwait(false);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            throw NotFound(line, $"the cache folder '{cache.Folder}' can't be written to");
        }
    }

    private static NatsServerNotFoundException NotFound(ServerLine line, string reason) => new(
        $"There is no {line.Description} on PATH or in the cache, and {reason}: install it (docs.nats.io tells how), " +
        $"or set the environment variable {line.PathVariable} to the path of one.");
}
