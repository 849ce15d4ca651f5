using NatsKv.TransportContract;

namespace NatsKv.Tests.Transport;

public sealed class BuiltInTransportTests(Server server) : TransportTests(server)
{
    protected override TransportUnderTest Open(NatsKvOptions options) => BuiltInTransport.Open(options);
}
