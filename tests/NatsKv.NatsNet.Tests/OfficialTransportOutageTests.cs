using NatsKv.TransportContract;

namespace NatsKv.NatsNet.Tests;

public sealed class OfficialTransportOutageTests(Server server) : TransportOutageTests(server)
{
    protected override TransportUnderTest Open(NatsKvOptions options) => OfficialTransport.Open(options);
}
