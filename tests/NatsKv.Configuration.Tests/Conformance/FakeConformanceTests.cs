using Microsoft.Extensions.Configuration;
using NatsKv.Configuration.Tests.Fakes;

namespace NatsKv.Configuration.Tests.Conformance;

public sealed class FakeConformanceTests : ConformanceTests
{
    private int _servers;

    protected override void Add(IConfigurationBuilder builder, params (string Key, string Value)[] content)
    {
        var server = new FakeServer();
        foreach ((string key, string value) in content)
        {
            server.Put(key, value);
        }

        // Each server at an address of its own: sources with one address share one connection.
        string url = $"nats://server-{_servers++}:4222";
        builder.AddFake(server, source => source.ConfigureConnection = options => options.Url = url);
    }
}
