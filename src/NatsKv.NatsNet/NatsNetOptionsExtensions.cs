using NATS.Client.Core;
using NatsKv.NatsNet;
using NatsKv.Transport;

namespace NatsKv;

/// <summary>Puts the client on a connection of the official NATS client.</summary>
public static class NatsNetOptionsExtensions
{
    /// <summary>
    /// Uses a connection that the application has already, instead of making one. The URL, credentials and reconnect settings of
    /// <paramref name="options"/> then have no effect.
    /// </summary>
    /// <param name="options">The options.</param>
    /// <param name="connection">The connection. It is connected at the first use if it isn't yet, and never disposed.</param>
    /// <returns><paramref name="options"/>.</returns>
    public static NatsKvOptions UseNatsNet(this NatsKvOptions options, INatsConnection connection)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(connection);

        // A method group on the connection: two of the same connection are equal, so that clients see that they can share.
        options.TransportFactory = connection.MakeTransport;
        return options;
    }

    private static NatsNetTransport MakeTransport(this INatsConnection connection, NatsTransportContext context) => new NatsNetTransport(connection, context);
}
