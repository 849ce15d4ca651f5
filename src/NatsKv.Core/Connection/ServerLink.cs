using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace NatsKv.Connection;

/// <summary>
/// One TCP connection, used only through blocking calls: a Unix socket on which a single asynchronous operation has run stays in
/// non-blocking mode, and every later 'blocking' call on it is then emulated with two more thread hops. Closing it from another thread ends
/// a blocked call.
/// </summary>
internal sealed class ServerLink : IDisposable
{
    private readonly Socket _socket;
    private Stream _stream;
    private int _closed;

    private ServerLink(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: false);
    }

    /// <summary>Connects, trying each of the host's addresses; blocks for <paramref name="timeout"/> at most.</summary>
    public static ServerLink Connect(NatsUrl url, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        Exception? last = null;
        foreach (IPAddress address in Resolve(url.Host))
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using ITimer timer = time.CreateTimer(static state => ((Socket)state!).Dispose(), socket, timeout, Timeout.InfiniteTimeSpan);
            using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static state => ((Socket)state!).Dispose(), socket);
            try
            {
                socket.Connect(new IPEndPoint(address, url.Port));
                return new ServerLink(socket);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                socket.Dispose();
                cancellationToken.ThrowIfCancellationRequested();
                last = exception is ObjectDisposedException ? new TimeoutException($"No answer within {timeout.TotalSeconds:0.#} s.") : exception;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    /// <summary>Goes on with TLS.</summary>
    public void StartTls(string host, Action<SslClientAuthenticationOptions>? configure)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = host };
        configure?.Invoke(options);
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
        _stream = tls;
        tls.AuthenticateAsClient(options);
    }

    /// <summary>Whether the socket has room for what is to be sent, so that <see cref="Write"/> won't wait long.</summary>
    public bool CanWrite
    {
        get
        {
            try
            {
                return _socket.Poll(0, SelectMode.SelectWrite);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // Closed: whoever writes will find out.
                return false;
            }
        }
    }

    /// <summary>Waits for bytes.</summary>
    /// <returns>How many came; 0 when the other side has closed.</returns>
    public int Read(Span<byte> buffer) => _stream.Read(buffer);

    /// <summary>Sends everything, waiting for the other side where it must.</summary>
    public void Write(ReadOnlySpan<byte> bytes) => _stream.Write(bytes);

    /// <summary>Sends what the socket takes at once, and fails on the rest. The last thing that is sent: it leaves the socket unfit for more.</summary>
    public void WriteAtOnce(ReadOnlySpan<byte> bytes)
    {
        _socket.Blocking = false;
        _stream.Write(bytes);
    }

    /// <summary>Ends the connection at once; a blocked call on another thread fails.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            try
            {
                _socket.Shutdown(SocketShutdown.Both);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // It was not connected, or is gone already: nothing to shut down.
            }

            _socket.Dispose();
        }
    }

    private static IPAddress[] Resolve(string host) =>
        IPAddress.TryParse(host, out IPAddress? address) ? [address] : Dns.GetHostAddresses(host);
}
