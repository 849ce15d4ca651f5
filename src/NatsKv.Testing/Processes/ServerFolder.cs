namespace NatsKv.Testing.Processes;

/// <summary>
/// The private temporary folder of one server: configuration, log, ports file, and the store unless the user gave one. Its name tells
/// which process it belongs to, so that the next start can remove what a killed process left.
/// </summary>
internal sealed class ServerFolder
{
    private const string Prefix = "natskv-server-";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private ServerFolder(string path) => Root = path;

    public string Root { get; }

    public string ConfigurationFile => Path.Combine(Root, "nats-server.conf");

    public string LogFile => Path.Combine(Root, "nats-server.log");

    public string PortsFolder => Path.Combine(Root, "ports");

    public string StoreFolder => Path.Combine(Root, "store");

    public static ServerFolder Create()
    {
        string temp = Path.GetTempPath();
        RemoveLeftovers(temp);
        var folder = new ServerFolder(CreatePrivate(Path.Combine(temp, $"{Prefix}{OwnerId.Current}-{Guid.NewGuid():N}")));
        CreatePrivate(folder.PortsFolder);
        CreatePrivate(folder.StoreFolder);
        return folder;
    }

    /// <summary>Removes the folders of processes that have certainly ended, as far as this user may.</summary>
    public static void RemoveLeftovers(string temp)
    {
        foreach (string path in Directory.EnumerateDirectories(temp, Prefix + "*"))
        {
            string name = Path.GetFileName(path)[Prefix.Length..];
            int end = name.LastIndexOf('-');
            if (end > 0 && OwnerId.TryParse(name[..end])?.IsDead() == true)
            {
                Delete(path);
            }
        }
    }

    /// <summary>Writes the configuration, which may hold credentials, so that nobody else can read it.</summary>
    public async Task WriteConfigurationAsync(string text, CancellationToken ct)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var writer = new StreamWriter(ConfigurationFile, options);
        await using (writer.ConfigureAwait(false))
        {
            await writer.WriteAsync(text.AsMemory(), ct).ConfigureAwait(false);
        }
    }

    public void Delete() => Delete(Root);

    private static void Delete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Another process removes the same leftover, it is another user's, or Windows still holds a file: the next start tries again.
        }
    }

    private static string CreatePrivate(string path) =>
        (OperatingSystem.IsWindows() ? Directory.CreateDirectory(path) : Directory.CreateDirectory(path, Private)).FullName;
}
