using System.Net;
using System.Net.Sockets;
using NatsKv.Testing.Processes;

namespace NatsKv.Testing.Tests.Processes;

public sealed class PortReservationTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task TryMake_OnLinux_KeepsThePortForWhoeverNamesItAndAllowsReuse()
    {
        using PortReservation? reservation = PortReservation.TryMake();
        Assert.Equal(OperatingSystem.IsLinux(), reservation is not null);
        if (reservation is null)
        {
            return;
        }

        for (int round = 0; round < 2; round++)
        {
            AssertGivenToNobody(reservation.Port);
            using var server = new TcpListener(IPAddress.Loopback, reservation.Port);
            server.Start();
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, reservation.Port, Ct);
        }
    }

    [Fact]
    public async Task Port_ServerIsDown_IsNobodyElses()
    {
        await using NatsServer server = await NatsServer.StartAsync(ct: Ct);
        await server.KillAsync(Ct);

        if (OperatingSystem.IsLinux())
        {
            AssertGivenToNobody(server.Port);
        }

        await server.RestartAsync(ct: Ct);
        Assert.True(server.IsRunning);
    }

    // Asks for any free port in a range of this one; a Linux before 6.3 knows no such ranges, and then nothing is said here.
    private static void AssertGivenToNobody(int port)
    {
        const int Ip = 0;
        const int LocalPortRange = 51;
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            other.SetRawSocketOption(Ip, LocalPortRange, BitConverter.GetBytes((uint)((port << 16) | port)));
        }
        catch (SocketException unknown) when (unknown.SocketErrorCode == SocketError.ProtocolOption)
        {
            return;
        }

        SocketException error = Assert.Throws<SocketException>(() => other.Bind(new IPEndPoint(IPAddress.Loopback, 0)));
        Assert.Equal(SocketError.AddressAlreadyInUse, error.SocketErrorCode);
    }
}
