using System.Runtime.InteropServices;

namespace NatsKv.Testing.Locating;

/// <summary>The names of the project's release on GitHub: which file is for which platform, and what its checksum file says. Pure.</summary>
internal static class GitHubRelease
{
    private const string Releases = "https://github.com/nats-io/nats-server/releases";

    /// <summary>Where the checksum file of a release is; of the latest one for <see langword="null"/>.</summary>
    public static Uri ChecksumsOf(string? tag) =>
        new(tag is null ? $"{Releases}/latest/download/SHA256SUMS" : $"{Releases}/download/{tag}/SHA256SUMS");

    /// <summary>Where an asset is. Its name carries the tag, so that a release made meanwhile doesn't mix two of them.</summary>
    public static Uri AssetOf(string assetName) => new($"{Releases}/download/{assetName.Split('-')[2]}/{assetName}");

    /// <summary>How the name of this platform's asset ends, or <see langword="null"/> where there is none.</summary>
    public static string? AssetSuffix(OSPlatform platform, Architecture architecture)
    {
        string? system = platform == OSPlatform.Linux ? "linux"
            : platform == OSPlatform.OSX ? "darwin"
            : platform == OSPlatform.Windows ? "windows"
            : null;
        string? processor = architecture switch
        {
            Architecture.X64 => "amd64",
            Architecture.Arm64 => "arm64",
            Architecture.X86 => "386",
            Architecture.Arm => "arm7",
            _ => null,
        };
        return system is null || processor is null ? null : $"-{system}-{processor}.zip";
    }

    /// <summary>Finds an asset and its SHA-256, in lower-case hexadecimal digits, in the lines of a checksum file.</summary>
    public static (string Name, string Sha256)? FindAsset(string checksums, string suffix)
    {
        foreach (string line in checksums.Split('\n'))
        {
            // <64 hexadecimal digits><space><space or *><name>
            string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 2 && words[0].Length == 64 && words[0].All(char.IsAsciiHexDigit) &&
                words[1].TrimStart('*') is var name && IsAsset(name, suffix))
            {
                return (name, words[0].ToLowerInvariant());
            }
        }

        return null;
    }

    // nats-server-v2.12.0-linux-amd64.zip; the name becomes part of an address, so it must be no more than that.
    private static bool IsAsset(string name, string suffix) =>
        name.StartsWith("nats-server-v", StringComparison.Ordinal) && name.EndsWith(suffix, StringComparison.Ordinal) &&
        name.All(symbol => char.IsAsciiLetterOrDigit(symbol) || symbol is '-' or '.');
}
