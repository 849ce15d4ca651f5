namespace NatsKv.Testing.Locating;

/// <summary>One place that a nats-server can be fetched from.</summary>
internal interface IServerFetcher
{
    /// <summary>Fetches it into an empty folder and returns the path of the executable in there, not yet tried.</summary>
    /// <exception cref="ServerFetchException">It isn't to be had here.</exception>
    Task<string> FetchAsync(ServerLine line, string folder, IProgress<string>? progress, CancellationToken ct);
}
