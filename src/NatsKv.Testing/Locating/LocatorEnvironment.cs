namespace NatsKv.Testing.Locating;

/// <summary>What the search for a nats-server reads of the process's environment; a test gives its own.</summary>
internal sealed class LocatorEnvironment(Func<string, string?> getVariable)
{
    private const string NoFetchVariable = "NATSKV_NO_FETCH";

    public static LocatorEnvironment Process { get; } = new(Environment.GetEnvironmentVariable);

    public static string ExecutableName => OperatingSystem.IsWindows() ? "nats-server.exe" : "nats-server";

    public bool FetchForbidden => GetVariable(NoFetchVariable) is { } value && value != "0" && !value.Equals("false", StringComparison.OrdinalIgnoreCase);

    /// <summary>The per-user folder of what was fetched, or <see langword="null"/> where the user has no such folder.</summary>
    public string? CacheFolder
    {
        get
        {
            string? root = OperatingSystem.IsWindows() || OperatingSystem.IsMacOS()
                ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                : XdgCacheHome();
            return string.IsNullOrEmpty(root) ? null : Path.Combine(root, "natskv", "nats-server");
        }
    }

    public string? GetVariable(string name) => getVariable(name) is { Length: > 0 } value ? value : null;

    /// <summary>The files of this name in the folders of <c>PATH</c>, in order.</summary>
    public IEnumerable<string> OnPath(string fileName) =>
        (GetVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(Path.IsPathRooted)
            .Select(folder => Path.Combine(folder, fileName))
            .Where(File.Exists);

    private string? XdgCacheHome()
    {
        // The XDG specification has relative paths ignored.
        if (GetVariable("XDG_CACHE_HOME") is { } given && Path.IsPathRooted(given))
        {
            return given;
        }

        string home = GetVariable("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return home.Length == 0 ? null : Path.Combine(home, ".cache");
    }
}
