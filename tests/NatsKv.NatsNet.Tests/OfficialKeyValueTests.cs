using NATS.Client.Core;
using NatsKv.TransportContract;

namespace NatsKv.NatsNet.Tests;

public sealed class OfficialKeyValueTests(Server server) : KeyValueTests(server)
{
    protected override (NatsKvClient Client, IAsyncDisposable Foundation) Connect(NatsKvOptions options)
    {
        NatsConnection connection = Server.Connect(options);
        return (new NatsKvClient(new NatsKvOptions { RequestTimeout = options.RequestTimeout }.UseNatsNet(connection)), connection);
    }
}
