using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using NatsKv.Testing.Proxying;

namespace NatsKv.Testing;

/// <summary>
/// A TCP proxy on the loopback interface that can cut, refuse, stall and swallow, for tests of what a client does on a bad network.
/// </summary>
/// <remarks>All members are safe for concurrent use.</remarks>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly string _targetHost;
    private readonly ConcurrentDictionary<ProxyConnection, Task> _connections = new();
    private readonly CancellationTokenSource _disposal = new();
    private readonly ProxyStream _toServer = new();
    private readonly ProxyStream _toClient = new();
    private readonly Task _acceptLoop;
    private volatile int _targetPort;
    private volatile bool _refuses;
    private int _accepted;

    private TcpProxy(TcpListener listener, string targetHost, int targetPort)
    {
        _listener = listener;
        _targetHost = targetHost;
        _targetPort = targetPort;
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _acceptLoop = AcceptAsync();
    }

    /// <summary>The port it listens on.</summary>
    public int Port { get; }

    /// <summary>The address to give to a NATS client, such as <c>nats://127.0.0.1:40123</c>.</summary>
    public string Url => string.Create(CultureInfo.InvariantCulture, $"nats://127.0.0.1:{Port}");

    /// <summary>
    /// Whether new connections are reset at once, which a client sees while it connects or right after. Present ones are left alone.
    /// </summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool RefuseNewConnections
    {
        get => _refuses;
        set => _refuses = value;
    }

    /// <summary>How many connections were accepted so far; refused ones don't count.</summary>
    public int AcceptedConnections => Volatile.Read(ref _accepted);

    /// <summary>How many connections are open.</summary>
    public int OpenConnections => _connections.Count;

    /// <summary>How many bytes went to the server so far; swallowed ones don't count.</summary>
    public long BytesToServer => _toServer.Forwarded;

    /// <summary>How many bytes went to clients so far; swallowed ones don't count.</summary>
    public long BytesToClient => _toClient.Forwarded;

    /// <summary>How many bytes were read and dropped so far, of both directions.</summary>
    public long BytesSwallowed => _toServer.Swallowed + _toClient.Swallowed;

    /// <summary>Starts to listen. The target need not be there yet: it is connected to for every client anew.</summary>
    /// <param name="targetHost">Where to connect to.</param>
    /// <param name="targetPort">The port to connect to.</param>
    /// <param name="listenPort">The port to listen on; 0, the default, for any free one.</param>
    /// <param name="ct">Is looked at before anything is done.</param>
    /// <exception cref="SocketException">The port is taken.</exception>
    public static Task<TcpProxy> StartAsync(string targetHost, int targetPort, int listenPort = 0, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        ArgumentException.ThrowIfNullOrEmpty(targetHost);
        var listener = new TcpListener(IPAddress.Loopback, listenPort);
        listener.Start();
        return Task.FromResult(new TcpProxy(listener, targetHost, targetPort));
    }

    /// <summary>Aborts (resets) all present connections and returns when they are gone. New ones are still accepted.</summary>
    public Task CutAsync()
    {
        // ToArray is a snapshot; a collection expression would ask for the count first, and then find fewer.
        KeyValuePair<ProxyConnection, Task>[] present = _connections.ToArray();
        foreach ((ProxyConnection connection, _) in present)
        {
            connection.Cut();
        }

        return Task.WhenAll(present.Select(pair => pair.Value));
    }

    /// <summary>
    /// Leaves the bytes of a direction unread, in present and in new connections, so that the sender's socket fills up; until
    /// <see cref="Resume"/>.
    /// </summary>
    /// <param name="direction">Which bytes.</param>
    public void Stall(TcpProxyDirection direction = TcpProxyDirection.Both) => Each(direction, stream => stream.Stall());

    /// <summary>Reads the bytes of a direction and drops them, in present and in new connections; until <see cref="Resume"/>.</summary>
    /// <param name="direction">Which bytes.</param>
    public void Swallow(TcpProxyDirection direction = TcpProxyDirection.Both) => Each(direction, stream => stream.Swallow());

    /// <summary>Lets the bytes of a direction flow again. Stalled bytes come through; swallowed ones are lost.</summary>
    /// <param name="direction">Which bytes.</param>
    public void Resume(TcpProxyDirection direction = TcpProxyDirection.Both) => Each(direction, stream => stream.Resume());

    /// <summary>Stops listening and aborts all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _disposal.CancelAsync().ConfigureAwait(false);
        _listener.Stop();
        await _acceptLoop.ConfigureAwait(false);
        await CutAsync().ConfigureAwait(false);
    }

    /// <summary>Changes where new connections go.</summary>
    internal void Retarget(int targetPort) => _targetPort = targetPort;

    private void Each(TcpProxyDirection direction, Action<ProxyStream> action)
    {
        if (direction.HasFlag(TcpProxyDirection.ClientToServer))
        {
            action(_toServer);
        }

        if (direction.HasFlag(TcpProxyDirection.ServerToClient))
        {
            action(_toClient);
        }
    }

    private async Task AcceptAsync()
    {
        while (!_disposal.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptSocketAsync(_disposal.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // The client was gone before it was accepted.
                continue;
            }

            if (_refuses)
            {
                client.Close(timeout: 0);
            }
            else
            {
                Interlocked.Increment(ref _accepted);
                Carry(new ProxyConnection(client));
            }
        }
    }

    private void Carry(ProxyConnection connection)
    {
        // It is in the table before it runs, so that a cut that comes after the acceptance can't miss it.
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _connections[connection] = done.Task;
        _ = RunAsync();

        async Task RunAsync()
        {
            await connection.RunAsync(_targetHost, _targetPort, _toServer, _toClient).ConfigureAwait(false);
            _connections.TryRemove(connection, out _);
            connection.Dispose();
            done.SetResult();
        }
    }
}
