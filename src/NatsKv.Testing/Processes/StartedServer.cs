namespace NatsKv.Testing.Processes;

/// <summary>A running server.</summary>
/// <param name="Process">Its process.</param>
/// <param name="Ports">Where it listens.</param>
/// <param name="Version">What it says it is.</param>
internal sealed record StartedServer(ServerProcess Process, ServerPorts Ports, string Version);
