namespace NatsKv.Testing.Locating;

/// <summary>Asks an executable what it is, by running it.</summary>
internal static class ServerExecutable
{
    /// <summary>The version it reports, or <see langword="null"/> if it doesn't run or isn't a nats-server.</summary>
    public static async Task<Version?> TryGetVersionAsync(string path, CancellationToken ct)
    {
        ExternalCommandResult result = await ExternalCommand.RunAsync(path, ["--version"], null, null, ct).ConfigureAwait(false);
        return result.Succeeded && ServerVersionText.TryParseOutput(result.Output, out Version? version) ? version : null;
    }
}
