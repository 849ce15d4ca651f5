using NatsKv.TransportContract;

namespace NatsKv.Tests.Transport;

public sealed class BuiltInKeyValueTests(Server server) : KeyValueTests(server)
{
    protected override (NatsKvClient Client, IAsyncDisposable Foundation) Connect(NatsKvOptions options)
    {
        var client = new NatsKvClient(options);
        return (client, client);
    }
}
