namespace NatsKv.Testing.Processes;

/// <summary>Reads the end of a server's log, for a message.</summary>
internal static class ServerLog
{
    private const int Lines = 15;

    /// <summary>The last lines that were written after a position, without the secrets.</summary>
    public static string Tail(string file, long from, params IEnumerable<string?> secrets)
    {
        if (!File.Exists(file))
        {
            return string.Empty;
        }

        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = Math.Min(from, stream.Length);
        using var reader = new StreamReader(stream);
        string text = reader.ReadToEnd();
        foreach (string? secret in secrets)
        {
            text = string.IsNullOrEmpty(secret) ? text : text.Replace(secret, "***", StringComparison.Ordinal);
        }

        return string.Join(Environment.NewLine, text.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(Lines));
    }
}
