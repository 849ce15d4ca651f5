namespace NatsKv.Testing.Locating;

/// <summary>
/// The per-user folder of fetched servers: one sub-folder per version and architecture. A fetch happens in a folder of its own beside
/// them, and a rename makes it visible: a fetch that was killed half-way leaves nothing that could be taken for a server.
/// </summary>
internal sealed class ServerCache(string folder)
{
    private const string FetchPrefix = ".fetch-";
    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(50);
    private static readonly string Architecture = System.Runtime.InteropServices.RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();

    public string Folder => folder;

    /// <summary>The newest cached server of a line.</summary>
    public string? TryFind(ServerLine line)
    {
        if (!Directory.Exists(folder))
        {
            return null;
        }

        return Directory.EnumerateDirectories(folder)
            .Select(path => (path, version: VersionOf(Path.GetFileName(path))))
            .Where(found => found.version is not null && line.Contains(found.version))
            .OrderByDescending(found => found.version)
            .Select(found => Path.Combine(found.path, LocatorEnvironment.ExecutableName))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Waits until no other process fetches, and keeps others out until disposal. The system frees it when its owner dies.</summary>
    public async Task<IDisposable> LockAsync(CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException error) when (IsHeldByAnother(error))
            {
                await Task.Delay(LockPoll, TimeProvider.System, ct).ConfigureAwait(false);
            }
        }
    }

    /// <summary>An empty folder to fetch into; what killed fetches left is removed. Only under the lock.</summary>
    public string CreateFetchFolder()
    {
        foreach (string left in Directory.EnumerateDirectories(folder, FetchPrefix + "*"))
        {
            Remove(left);
        }

        return Directory.CreateDirectory(Path.Combine(folder, FetchPrefix + Guid.NewGuid().ToString("N"))).FullName;
    }

    /// <summary>Takes a fetched and tried executable in, and returns where it is now. Only under the lock.</summary>
    public string Add(string executable, Version version, string fetchFolder)
    {
        string staged = Directory.CreateDirectory(Path.Combine(fetchFolder, "staged")).FullName;
        File.Move(executable, Path.Combine(staged, LocatorEnvironment.ExecutableName));

        string target = Path.Combine(folder, $"{version}-{Architecture}");
        if (Directory.Exists(target))
        {
            Directory.Delete(target, recursive: true);
        }

        Directory.Move(staged, target);
        return Path.Combine(target, LocatorEnvironment.ExecutableName);
    }

    /// <summary>Removes a folder that was fetched into, as far as possible now; the next fetch removes the rest.</summary>
    public static void Remove(string fetchFolder)
    {
        try
        {
            Directory.Delete(fetchFolder, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A child of a killed fetch may still write there.
        }
    }

    // EWOULDBLOCK of Linux and of macOS, and the two codes of Windows. Any other error won't pass by waiting.
    private static bool IsHeldByAnother(IOException error) => (error.HResult & 0xFFFF) is 11 or 35 or 32 or 33;

    private static Version? VersionOf(string name) =>
        name.EndsWith("-" + Architecture, StringComparison.Ordinal) && ServerVersionText.TryParse(name, out Version? version) ? version : null;
}
