namespace NatsKv.Testing.Locating;

/// <summary>Finds a Debian archive among the machine's own apt sources, in either of the two formats. Pure.</summary>
internal static class AptSources
{
    // Only these suites tell that an entry is the Debian archive itself, not a security, backports or somebody else's archive.
    private static readonly HashSet<string> DebianSuites = new(StringComparer.Ordinal)
    {
        "oldoldstable", "oldstable", "stable", "testing", "unstable", "sid",
        "buster", "bullseye", "bookworm", "trixie", "forky", "duke",
    };

    /// <summary>Reads one file; <paramref name="deb822"/> is the format of <c>.sources</c> files.</summary>
    public static AptArchive? TryFindDebian(string text, bool deb822) =>
        (deb822 ? Stanzas(text) : Lines(text)).FirstOrDefault();

    private static IEnumerable<AptArchive> Stanzas(string text)
    {
        foreach (Dictionary<string, string> fields in Fields(text))
        {
            if (fields.GetValueOrDefault("enabled") != "no" &&
                Words(fields, "types").Contains("deb") &&
                Words(fields, "components").Contains("main") &&
                Words(fields, "suites").Any(DebianSuites.Contains) &&
                Words(fields, "uris").FirstOrDefault(IsRemote) is { } uri)
            {
                yield return new AptArchive(uri, KeyringOf(fields.GetValueOrDefault("signed-by")));
            }
        }
    }

    private static IEnumerable<AptArchive> Lines(string text)
    {
        foreach (string line in text.Split('\n'))
        {
            // deb [ option=value ... ] uri suite component...
            string rest = line.Split('#')[0].Trim();
            if (!rest.StartsWith("deb ", StringComparison.Ordinal) && !rest.StartsWith("deb\t", StringComparison.Ordinal))
            {
                continue;
            }

            rest = rest[4..].Trim();
            string options = string.Empty;
            if (rest.StartsWith('[') && rest.IndexOf(']', StringComparison.Ordinal) is > 0 and int end)
            {
                options = rest[1..end];
                rest = rest[(end + 1)..];
            }

            string[] words = Split(rest);
            if (words.Length >= 3 && IsRemote(words[0]) && DebianSuites.Contains(words[1]) && words.AsSpan(2).Contains("main"))
            {
                string? signedBy = Split(options).FirstOrDefault(option => option.StartsWith("signed-by=", StringComparison.OrdinalIgnoreCase));
                yield return new AptArchive(words[0], KeyringOf(signedBy?["signed-by=".Length..]));
            }
        }
    }

    // One dictionary for each stanza: blank lines part stanzas, indented lines go on with the field above them.
    private static IEnumerable<Dictionary<string, string>> Fields(string text)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        string? last = null;
        foreach (string line in text.Split('\n').Where(line => !line.StartsWith('#')).Append(string.Empty))
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                yield return fields;
                fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
                last = null;
            }
            else if (char.IsWhiteSpace(line[0]))
            {
                if (last is not null)
                {
                    fields[last] += " " + line.Trim();
                }
            }
            else if (line.IndexOf(':', StringComparison.Ordinal) is > 0 and int colon)
            {
                last = line[..colon].Trim();
                fields[last] = line[(colon + 1)..].Trim();
            }
        }
    }

    private static string[] Words(Dictionary<string, string> fields, string name) => Split(fields.GetValueOrDefault(name) ?? string.Empty);

    private static string[] Split(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static bool IsRemote(string uri) =>
        uri.Contains(':', StringComparison.Ordinal) &&
        !uri.StartsWith("cdrom:", StringComparison.Ordinal) && !uri.StartsWith("file:", StringComparison.Ordinal);

    // A key can also stand in the stanza itself, or be a fingerprint; the caller then takes Debian's keyring.
    private static string? KeyringOf(string? signedBy) =>
        signedBy is not null && signedBy.StartsWith('/') && Split(signedBy).Length == 1 && !signedBy.Contains(',', StringComparison.Ordinal) ? signedBy : null;
}
