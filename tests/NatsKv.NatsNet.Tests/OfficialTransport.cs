using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.Core;
using NatsKv.Transport;
using NatsKv.TransportContract;

namespace NatsKv.NatsNet.Tests;

internal static class OfficialTransport
{
    public static TransportUnderTest Open(NatsKvOptions options)
    {
        NatsConnection connection = Server.Connect(options);
        var context = new NatsTransportContext(
            new NatsKvConnectionSettings(new NatsKvOptions { RequestTimeout = options.RequestTimeout }), NullLoggerFactory.Instance, TimeProvider.System);
        return new TransportUnderTest(new NatsNetTransport(connection, context), connection);
    }
}
