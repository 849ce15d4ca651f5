namespace NatsKv.Testing.Locating;

/// <summary>A place doesn't have the server, or can't be reached; the next one is tried. The message is half a sentence.</summary>
internal sealed class ServerFetchException(string message, Exception? inner = null) : Exception(message, inner);
