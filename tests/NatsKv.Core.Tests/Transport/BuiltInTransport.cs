using Microsoft.Extensions.Logging.Abstractions;
using NatsKv.Connection;
using NatsKv.Transport;
using NatsKv.TransportContract;

namespace NatsKv.Tests.Transport;

internal static class BuiltInTransport
{
    public static TransportUnderTest Open(NatsKvOptions options) =>
        new(new NatsConnection(new NatsTransportContext(new NatsKvConnectionSettings(options), NullLoggerFactory.Instance, TimeProvider.System)));
}
