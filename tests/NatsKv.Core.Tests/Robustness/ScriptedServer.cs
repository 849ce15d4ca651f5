using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace NatsKv.Tests.Robustness;

/// <summary>A server on the loopback that does on each connection what a test says, mostly what no server should.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly ConcurrentBag<ScriptedConnection> _connections = [];
    private readonly Func<ScriptedConnection, int, Task> _script;
    private readonly Task _accepting;
    private int _accepted;

    /// <param name="script">Plays one connection; is given its number, from 0.</param>
    public ScriptedServer(Func<ScriptedConnection, int, Task> script)
    {
        _script = script;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => string.Create(CultureInfo.InvariantCulture, $"nats://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>A client that waits long enough for a script on a busy machine, unless a test says otherwise.</summary>
    public NatsKvClient NewClient(Action<NatsKvOptions>? change = null, TimeProvider? time = null)
    {
        var options = new NatsKvOptions
        {
            Url = Url,
            RequestTimeout = TimeSpan.FromMinutes(1),
            ConnectTimeout = TimeSpan.FromMinutes(1),
            MaxReconnectDelay = TimeSpan.FromMilliseconds(50),
        };
        change?.Invoke(options);
        return new NatsKvClient(options, timeProvider: time);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (ScriptedConnection connection in _connections)
        {
            connection.Dispose();
        }

        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            TcpClient client = await _listener.AcceptTcpClientAsync(_stopping.Token);
            var connection = new ScriptedConnection(client, _stopping.Token);
            _connections.Add(connection);
            _ = PlayAsync(connection, Interlocked.Increment(ref _accepted) - 1);
        }
    }

    private async Task PlayAsync(ScriptedConnection connection, int number)
    {
        try
        {
            await _script(connection, number);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The client has closed, or the test is over.
        }

        connection.Dispose();
    }
}
