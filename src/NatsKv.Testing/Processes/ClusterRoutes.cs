namespace NatsKv.Testing.Processes;

/// <summary>What a server's configuration says of its cluster.</summary>
/// <param name="ClusterName">The name that all nodes share.</param>
/// <param name="RoutePorts">The loopback ports through which this node reaches each of the others.</param>
internal sealed record ClusterRoutes(string ClusterName, IReadOnlyList<int> RoutePorts);
