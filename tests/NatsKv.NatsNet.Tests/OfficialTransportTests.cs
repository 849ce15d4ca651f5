using NatsKv.TransportContract;

namespace NatsKv.NatsNet.Tests;

public sealed class OfficialTransportTests(Server server) : TransportTests(server)
{
    protected override TransportUnderTest Open(NatsKvOptions options) => OfficialTransport.Open(options);
}
