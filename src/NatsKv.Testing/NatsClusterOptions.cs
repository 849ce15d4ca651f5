namespace NatsKv.Testing;

/// <summary>How a <see cref="NatsCluster"/> is started. Copied at the start: later changes have no effect.</summary>
public sealed class NatsClusterOptions
{
    /// <summary>How many nodes there are.</summary>
    /// <value>Default 3; 2 to 9.</value>
    public int NodeCount { get; set; } = 3;

    /// <summary>
    /// What all nodes have in common: version, credentials, further configuration, the time for the whole cluster to get ready. JetStream
    /// is always on; <see cref="NatsServerOptions.Port"/>, <see cref="NatsServerOptions.StoreDirectory"/> and
    /// <see cref="NatsServerOptions.ServerName"/> are each node's own and can't be given.
    /// </summary>
    public NatsServerOptions Server { get; } = new();

    internal static void Validate(NatsClusterOptions options)
    {
        NatsServerOptions server = options.Server;
        string? complaint =
            options.NodeCount is < 2 or > 9 ? $"{nameof(NodeCount)} must be 2 to 9."
            : !server.JetStream ? "A cluster needs JetStream."
            : server.Port != 0 || server.StoreDirectory is not null || server.ServerName is not null
                ? $"{nameof(server.Port)}, {nameof(server.StoreDirectory)} and {nameof(server.ServerName)} are each node's own."
            : null;
        if (complaint is not null)
        {
            throw new ArgumentException(complaint, nameof(options));
        }
    }
}
