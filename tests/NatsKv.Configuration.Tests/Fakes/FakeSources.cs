using Microsoft.Extensions.Configuration;

namespace NatsKv.Configuration.Tests.Fakes;

internal static class FakeSources
{
    public static NatsKvConfigurationSource Source(this FakeServer server, Action<NatsKvConfigurationSource>? configure = null)
    {
        // Delays of zero, so that what a test changes is there when it has happened; tests of delays set their own.
        var source = new NatsKvConfigurationSource { ClientFactory = _ => server.Connect(), ReloadDelay = TimeSpan.Zero };
        configure?.Invoke(source);
        return source;
    }

    public static IConfigurationBuilder AddFake(this IConfigurationBuilder builder, FakeServer server, Action<NatsKvConfigurationSource>? configure = null) =>
        builder.Add(server.Source(configure));
}
