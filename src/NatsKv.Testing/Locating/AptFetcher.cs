namespace NatsKv.Testing.Locating;

/// <summary>
/// Takes Debian's package out of the archive that the machine's own apt sources name, without root and without touching the machine's
/// package state: apt gets a private configuration, sources file, lists and cache. apt checks the signatures.
/// </summary>
internal sealed class AptFetcher(LocatorEnvironment environment) : IServerFetcher
{
    private const string Package = "nats-server";
    private static readonly string[] Tools = ["apt-get", "apt-config", "dpkg", "dpkg-deb"];
    private static readonly string[] Places = ["usr/sbin", "usr/bin"];
    private static readonly string[] DebianKeyrings =
        ["/usr/share/keyrings/debian-archive-keyring.gpg", "/usr/share/keyrings/debian-archive-keyring.pgp"];

    public async Task<string> FetchAsync(ServerLine line, string folder, IProgress<string>? progress, CancellationToken ct)
    {
        if (!OperatingSystem.IsLinux() || !Tools.All(tool => environment.OnPath(tool).Any()))
        {
            throw new ServerFetchException("this is no machine with apt");
        }

        AptArchive archive = FindArchive() ?? throw new ServerFetchException("the apt sources of this machine name no Debian archive");
        string keyring = archive.Keyring ?? DebianKeyrings.FirstOrDefault(File.Exists) ?? throw new ServerFetchException("Debian's keyring is missing");

        progress?.Report($"Fetching {Package} from the Debian suite '{line.DebianSuite}' …");
        await WritePrivateStateAsync(archive.Uri, keyring, line.DebianSuite, folder, ct).ConfigureAwait(false);
        await AptGetAsync(folder, ["update"], ct).ConfigureAwait(false);
        await AptGetAsync(folder, ["download", Package], ct).ConfigureAwait(false);

        string package = Directory.EnumerateFiles(folder, "*.deb").FirstOrDefault() ?? throw new ServerFetchException("apt downloaded no package");
        await CheckArchitectureAsync(package, ct).ConfigureAwait(false);
        string content = Path.Combine(folder, "content");
        await RunAsync("dpkg-deb", ["-x", package, content], null, null, ct).ConfigureAwait(false);
        return Places
            .Select(place => Path.Combine(content, place, LocatorEnvironment.ExecutableName))
            .FirstOrDefault(File.Exists) ?? throw new ServerFetchException("the Debian package holds no nats-server");
    }

    private static AptArchive? FindArchive()
    {
        const string Folder = "/etc/apt/sources.list.d";
        IEnumerable<string> files = Directory.Exists(Folder) ? Directory.EnumerateFiles(Folder).Order(StringComparer.Ordinal) : [];
        return files.Prepend("/etc/apt/sources.list")
            .Where(file => File.Exists(file) && Path.GetExtension(file) is ".list" or ".sources")
            .Select(file => AptSources.TryFindDebian(File.ReadAllText(file), Path.GetExtension(file) == ".sources"))
            .FirstOrDefault(archive => archive is not null);
    }

    private static async Task WritePrivateStateAsync(string uri, string keyring, string suite, string folder, CancellationToken ct)
    {
        Directory.CreateDirectory(Path.Combine(folder, "lists", "partial"));
        Directory.CreateDirectory(Path.Combine(folder, "archives", "partial"));
        await File.WriteAllTextAsync(Path.Combine(folder, "status"), string.Empty, ct).ConfigureAwait(false);
        await File.WriteAllTextAsync(
            Path.Combine(folder, "private.sources"),
            $"Types: deb\nURIs: {uri}\nSuites: {suite}\nComponents: main\nSigned-By: {keyring}\n",
            ct).ConfigureAwait(false);

        // Of the machine's configuration only what says how to download (a proxy, say): its hooks would act on the machine's own state.
        ExternalCommandResult machine = await RunAsync("apt-config", ["dump"], null, null, ct).ConfigureAwait(false);
        IEnumerable<string> download = machine.Output.Split('\n').Where(text =>
            text.StartsWith("Acquire::", StringComparison.Ordinal) &&
            !text.StartsWith("Acquire::IndexTargets", StringComparison.Ordinal) &&
            !text.StartsWith("Acquire::Allow", StringComparison.Ordinal));
        await File.WriteAllLinesAsync(
            Path.Combine(folder, "apt.conf"),
            download.Concat(
            [
                "Acquire::Retries \"3\";",
                "Dir::Etc::main \"/dev/null\";",
                "Dir::Etc::parts \"/dev/null\";",
                "Dir::Etc::preferences \"/dev/null\";",
                "Dir::Etc::preferencesparts \"/dev/null\";",
                "Dir::Etc::sourceparts \"/dev/null\";",
                $"Dir::Etc::sourcelist \"{folder}/private.sources\";",
                $"Dir::State::status \"{folder}/status\";",
                $"Dir::State::lists \"{folder}/lists\";",
                $"Dir::Cache::archives \"{folder}/archives\";",
                "Dir::Cache::pkgcache \"\";",
                "Dir::Cache::srcpkgcache \"\";",
            ]),
            ct).ConfigureAwait(false);
    }

    private static async Task CheckArchitectureAsync(string package, CancellationToken ct)
    {
        ExternalCommandResult wanted = await RunAsync("dpkg", ["--print-architecture"], null, null, ct).ConfigureAwait(false);
        ExternalCommandResult got = await RunAsync("dpkg-deb", ["-f", package, "Architecture"], null, null, ct).ConfigureAwait(false);
        if (wanted.Output.Trim() != got.Output.Trim())
        {
            throw new ServerFetchException($"apt downloaded a package for {got.Output.Trim()}, not for {wanted.Output.Trim()}");
        }
    }

    private static Task<ExternalCommandResult> AptGetAsync(string folder, string[] arguments, CancellationToken ct) => RunAsync(
        "apt-get",
        ["-q", .. arguments],
        new Dictionary<string, string>(StringComparer.Ordinal) { ["APT_CONFIG"] = Path.Combine(folder, "apt.conf"), ["DEBIAN_FRONTEND"] = "noninteractive" },
        folder,
        ct);

    private static async Task<ExternalCommandResult> RunAsync(
        string tool, string[] arguments, Dictionary<string, string>? variables, string? folder, CancellationToken ct)
    {
        ExternalCommandResult result = await ExternalCommand.RunAsync(tool, arguments, variables, folder, ct).ConfigureAwait(false);
        return result.Succeeded ? result : throw new ServerFetchException($"{tool} {arguments[^1]}: {result.Complaint}");
    }
}
