using System.Net;
using System.Net.Sockets;

namespace NatsKv.Testing.Processes;

/// <summary>
/// Keeps a loopback port for a server, also while the server is down: else the system gives it to somebody who asks for any free port or
/// connects from one, and then the server can't come back, or its clients meet a stranger.
/// </summary>
/// <remarks>
/// On Linux a port that a socket is bound to, without listening, is given to nobody who doesn't name it; whoever does name it may bind to
/// it too and listen, when both allow reuse of the address, as nats-server does. Elsewhere there is no such socket.
/// </remarks>
internal sealed class PortReservation : IDisposable
{
    private const int SocketLevel = 1;
    private const int ReuseAddress = 2;
    private readonly Socket _socket;

    private PortReservation(Socket socket)
    {
        _socket = socket;
        Port = ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>The port that is kept.</summary>
    public int Port { get; }

    /// <summary>Keeps a port that is free now, or returns <see langword="null"/> where the system can't keep one.</summary>
    public static PortReservation? TryMake()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        Socket? socket = null;
        try
        {
            socket = Bind(0);
            var reservation = new PortReservation(socket);

            // A system that only calls itself Linux may have rules of its own: then the server itself couldn't listen there.
            using Socket listener = Bind(reservation.Port);
            listener.Listen();
            return reservation;
        }
        catch (SocketException)
        {
            socket?.Dispose();
            return null;
        }
    }

    public void Dispose() => _socket.Dispose();

    private static Socket Bind(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.SetRawSocketOption(SocketLevel, ReuseAddress, BitConverter.GetBytes(1));
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
