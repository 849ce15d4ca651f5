namespace NatsKv.JetStream;

/// <summary>Tells servers apart that are too old for something; JetStream's API level does so only from 2.11 on.</summary>
internal static class ServerAge
{
    /// <summary>Whether a server is older than a version. One that doesn't tell is taken for a new one.</summary>
    public static bool IsBefore(NatsKvServerInfo? server, Version version) =>
        server is { ApiLevel: 0 } && Version.TryParse(server.Version.Split('-')[0], out Version? its) && its < version;
}
