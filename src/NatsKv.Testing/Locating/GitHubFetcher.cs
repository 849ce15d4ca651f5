using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace NatsKv.Testing.Locating;

/// <summary>Takes the project's own release from GitHub, checked against the checksums that the release carries.</summary>
internal sealed class GitHubFetcher : IServerFetcher
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    public async Task<string> FetchAsync(ServerLine line, string folder, IProgress<string>? progress, CancellationToken ct)
    {
        OSPlatform platform = OperatingSystem.IsWindows() ? OSPlatform.Windows : OperatingSystem.IsMacOS() ? OSPlatform.OSX : OSPlatform.Linux;
        string suffix = GitHubRelease.AssetSuffix(platform, RuntimeInformation.OSArchitecture)
            ?? throw new ServerFetchException("there is no official release for this platform");

        using var http = new HttpClient { Timeout = Timeout };
        try
        {
            string checksums = await http.GetStringAsync(GitHubRelease.ChecksumsOf(line.GitHubTag), ct).ConfigureAwait(false);
            (string name, string sha256) = GitHubRelease.FindAsset(checksums, suffix)
                ?? throw new ServerFetchException("the official release has no file for this platform");

            progress?.Report($"Fetching {name} from the official releases …");
            byte[] archive = await http.GetByteArrayAsync(GitHubRelease.AssetOf(name), ct).ConfigureAwait(false);
            return Convert.ToHexStringLower(SHA256.HashData(archive)) == sha256
                ? Extract(archive, folder)
                : throw new ServerFetchException("the official release doesn't match its checksum");
        }
        catch (HttpRequestException error)
        {
            throw new ServerFetchException("the official releases can't be reached", error);
        }
        catch (OperationCanceledException error) when (!ct.IsCancellationRequested)
        {
            throw new ServerFetchException("the official releases didn't answer in time", error);
        }
    }

    private static string Extract(byte[] archive, string folder)
    {
        using var zip = new ZipArchive(new MemoryStream(archive), ZipArchiveMode.Read);
        ZipArchiveEntry entry = zip.Entries.FirstOrDefault(entry => entry.Name == LocatorEnvironment.ExecutableName)
            ?? throw new ServerFetchException("the official release holds no nats-server");
        string executable = Path.Combine(folder, LocatorEnvironment.ExecutableName);
        entry.ExtractToFile(executable);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(executable, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return executable;
    }
}
