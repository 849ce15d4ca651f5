namespace NatsKv.Testing.Wire;

/// <summary>The server refused something with <c>-ERR</c>.</summary>
internal sealed class WireErrorException(string message) : Exception(message);
