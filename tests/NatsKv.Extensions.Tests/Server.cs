using NatsKv.Extensions.Tests;
using NatsKv.TestKit;

[assembly: AssemblyFixture(typeof(Server))]

namespace NatsKv.Extensions.Tests;

/// <summary>The server that the tests of this assembly share.</summary>
public sealed class Server : NatsServerFixture, IAsyncLifetime;
