using NatsKv.Testing;

namespace NatsKv.TestKit;

/// <summary>
/// One nats-server for many tests. A test project derives from it and adds its test framework's interface for asynchronous fixtures
/// (in xunit v3: <c>public sealed class Server : NatsServerFixture, IAsyncLifetime;</c> and
/// <c>[assembly: AssemblyFixture(typeof(Server))]</c>). Tests share the server and take names of their own from <see cref="NewName"/>.
/// </summary>
public class NatsServerFixture(NatsServerOptions? options) : IAsyncDisposable
{
    private NatsServer? _server;
    private int _names;

    public NatsServerFixture()
        : this(null)
    {
    }

    /// <summary>The server, ready.</summary>
    public NatsServer Server => _server ?? throw new InvalidOperationException("The fixture is not initialized.");

    public string Url => Server.Url;

    public async ValueTask InitializeAsync() => _server = await NatsServer.StartAsync(options);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>A name that no other test has, for a bucket or a stream.</summary>
    public string NewName(string prefix = "bucket") => $"{prefix}-{Interlocked.Increment(ref _names)}";
}
