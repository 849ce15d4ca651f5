using System.Net.Sockets;
using System.Text;
using NatsKv.TestKit;
using NatsKv.Testing.Tests.Support;

namespace NatsKv.Testing.Tests;

public sealed class TcpProxyTests : IAsyncLifetime
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private readonly EchoServer _server = new();
    private TcpProxy _proxy = null!;

    public async ValueTask InitializeAsync() => _proxy = await TcpProxy.StartAsync("127.0.0.1", _server.Port, ct: Ct);

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Flow_Undisturbed_CarriesAndCounts()
    {
        using (TcpClient client = await ConnectAsync())
        {
            Assert.Equal("hello", await EchoAsync(client, "hello"));
            Assert.Equal(1, _proxy.OpenConnections);
        }

        await Eventually.EqualAsync(0, () => _proxy.OpenConnections, "open connections", ct: Ct);
        Assert.Equal((1, 5, 5, 0), (_proxy.AcceptedConnections, _proxy.BytesToServer, _proxy.BytesToClient, _proxy.BytesSwallowed));
        Assert.Equal($"nats://127.0.0.1:{_proxy.Port}", _proxy.Url);
    }

    [Fact]
    public async Task Flow_ClientClosesItsSide_TheRestOfTheAnswerArrives()
    {
        using TcpClient client = await ConnectAsync();
        using var reader = new StreamReader(client.GetStream());
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes("last words"), Ct);
        client.Client.Shutdown(SocketShutdown.Send);

        Assert.Equal("last words", await reader.ReadToEndAsync(Ct));
    }

    [Fact]
    public async Task CutAsync_OpenConnections_AreResetAndNewOnesAccepted()
    {
        using TcpClient client = await ConnectAsync();
        await EchoAsync(client, "hello");

        await _proxy.CutAsync();

        Assert.Equal(0, _proxy.OpenConnections);
        await AssertResetAsync(client);
        using TcpClient next = await ConnectAsync();
        Assert.Equal("again", await EchoAsync(next, "again"));
    }

    [Fact]
    public async Task CutAsync_StalledConnections_AreResetToo()
    {
        using TcpClient client = await ConnectAsync();
        await EchoAsync(client, "hello");
        _proxy.Stall();

        await _proxy.CutAsync();

        await AssertResetAsync(client);
    }

    [Fact]
    public async Task RefuseNewConnections_On_ClosesNewOnesAndLeavesPresentOnesAlone()
    {
        using TcpClient present = await ConnectAsync();
        await EchoAsync(present, "hello");

        _proxy.RefuseNewConnections = true;
        await AssertRefusedAsync(_proxy);
        Assert.Equal("still", await EchoAsync(present, "still"));
        _proxy.RefuseNewConnections = false;
        using TcpClient next = await ConnectAsync();
        Assert.Equal("again", await EchoAsync(next, "again"));
        Assert.Equal(2, _proxy.AcceptedConnections);
    }

    [Fact]
    public async Task Connect_ServerIsNotThere_IsReset()
    {
        await using TcpProxy proxy = await TcpProxy.StartAsync("127.0.0.1", 1, ct: Ct);
        await AssertRefusedAsync(proxy);
    }

    [Fact]
    public async Task Stall_ToServer_FillsTheSendersSocketUntilResume()
    {
        const int Size = 64 << 20;
        using TcpClient client = await ConnectAsync();
        await EchoAsync(client, "hello");
        _proxy.Stall(TcpProxyDirection.ClientToServer);

        // More than the kernel's buffers take: the write can't end while nobody reads.
        Task write = client.GetStream().WriteAsync(new byte[Size], Ct).AsTask();
        await Eventually.TrueAsync(() => client.Client.Poll(0, SelectMode.SelectWrite) is false, "the sender's buffer is full", ct: Ct);
        Assert.False(write.IsCompleted);
        Assert.Equal(5, _server.Received);

        _proxy.Resume(TcpProxyDirection.ClientToServer);
        byte[] echo = new byte[Size];
        await client.GetStream().ReadExactlyAsync(echo, Ct);
        await write;
        await Eventually.EqualAsync(Size + 5, () => _proxy.BytesToServer, "bytes at the server, which come before they are counted", ct: Ct);
    }

    [Fact]
    public async Task Stall_ToClient_ServerStillHearsTheClient()
    {
        using TcpClient client = await ConnectAsync();
        await EchoAsync(client, "hello");
        await Eventually.EqualAsync(5, () => _proxy.BytesToClient, "bytes at the client, which come before they are counted", ct: Ct);
        _proxy.Stall(TcpProxyDirection.ServerToClient);

        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes("there?"), Ct);
        await Eventually.EqualAsync(11, () => _server.Received, "bytes at the server", ct: Ct);
        Assert.Equal(5, _proxy.BytesToClient);

        _proxy.Resume();
        Assert.Equal("there?", await ReadAsync(client, 6));
    }

    [Fact]
    public async Task Swallow_ToServer_BytesAreGoneForGood()
    {
        using TcpClient client = await ConnectAsync();
        _proxy.Swallow(TcpProxyDirection.ClientToServer);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes("lost"), Ct);
        await Eventually.EqualAsync(4, () => _proxy.BytesSwallowed, "swallowed bytes", ct: Ct);

        _proxy.Resume();

        Assert.Equal("found", await EchoAsync(client, "found"));
        Assert.Equal(5, _server.Received);
    }

    [Fact]
    public async Task StartAsync_OnAPort_ListensThere()
    {
        await _proxy.DisposeAsync();
        int port = _proxy.Port;
        TcpProxy? again = null;
        await Eventually.TrueAsync(
            async () => (again = await TcpProxy.StartAsync("127.0.0.1", _server.Port, port, Ct)) is not null, "the port is free, if another process was given it for a moment", ct: Ct);
        await using TcpProxy started = again!;
        Assert.Equal(port, started.Port);
    }

    [Fact]
    public async Task DisposeAsync_OpenConnections_AreReset()
    {
        using TcpClient client = await ConnectAsync();
        await EchoAsync(client, "hello");
        await _proxy.DisposeAsync();
        await AssertResetAsync(client);
    }

    private static async Task AssertRefusedAsync(TcpProxy proxy)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", proxy.Port, Ct);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            // The reset was faster than the look at the new connection.
            return;
        }

        await AssertResetAsync(client);
    }

    private static async Task AssertResetAsync(TcpClient client)
    {
        IOException error = await Assert.ThrowsAsync<IOException>(
            async () => await client.GetStream().ReadExactlyAsync(new byte[1], Ct).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Ct));
        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(error.InnerException).SocketErrorCode);
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", _proxy.Port, Ct);
        return client;
    }

    private static async Task<string> EchoAsync(TcpClient client, string text)
    {
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text), Ct);
        return await ReadAsync(client, text.Length);
    }

    private static async Task<string> ReadAsync(TcpClient client, int count)
    {
        byte[] bytes = new byte[count];
        await client.GetStream().ReadExactlyAsync(bytes, Ct).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Ct);
        return Encoding.UTF8.GetString(bytes);
    }
}
