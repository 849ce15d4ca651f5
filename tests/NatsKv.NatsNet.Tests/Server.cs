using NATS.Client.Core;
using NatsKv.NatsNet.Tests;
using NatsKv.TestKit;

[assembly: AssemblyFixture(typeof(Server))]

namespace NatsKv.NatsNet.Tests;

/// <summary>The server that the tests of this assembly share; each test has buckets of its own.</summary>
public sealed class Server : NatsServerFixture, IAsyncLifetime
{
    /// <summary>A connection of the official client that reconnects without much delay.</summary>
    public static NatsConnection Connect(NatsKvOptions options) => new(new NatsOpts
    {
        Url = options.Url!,
        AuthOpts = options.User is null ? NatsAuthOpts.Default : new NatsAuthOpts { Username = options.User, Password = options.Password },
        ReconnectWaitMin = TimeSpan.FromMilliseconds(20),
        ReconnectWaitMax = TimeSpan.FromMilliseconds(200),
        ReconnectJitter = TimeSpan.FromMilliseconds(10),
    });
}
