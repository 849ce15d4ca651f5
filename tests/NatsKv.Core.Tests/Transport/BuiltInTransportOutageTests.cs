using NatsKv.TransportContract;

namespace NatsKv.Tests.Transport;

public sealed class BuiltInTransportOutageTests(Server server) : TransportOutageTests(server)
{
    protected override TransportUnderTest Open(NatsKvOptions options) => BuiltInTransport.Open(options);
}
