using System.Net.Sockets;

namespace NatsKv.Testing.Proxying;

/// <summary>One client's connection through a proxy.</summary>
internal sealed class ProxyConnection(Socket client) : IDisposable
{
    private readonly CancellationTokenSource _cut = new();
    private readonly Socket _server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <summary>Carries bytes both ways until both sides have closed, one has failed, or it is cut.</summary>
    public async Task RunAsync(string host, int port, ProxyStream toServer, ProxyStream toClient)
    {
        try
        {
            client.NoDelay = true;
            await _server.ConnectAsync(host, port, _cut.Token).ConfigureAwait(false);
            await Task.WhenAll(EndingAsync(toServer.PumpAsync(client, _server, _cut.Token)), EndingAsync(toClient.PumpAsync(_server, client, _cut.Token)))
                .ConfigureAwait(false);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The server isn't there, a side failed, or it was cut: both sides are to see an abort.
        }
        finally
        {
            Abort(client);
            Abort(_server);
        }
    }

    public void Cut()
    {
        try
        {
            _cut.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has just ended by itself.
        }
    }

    public void Dispose()
    {
        _cut.Dispose();
        _server.Dispose();
        client.Dispose();
    }

    // An abort shows as a reset. On a connection that both sides have closed it has no effect.
    private static void Abort(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
        }

        socket.Dispose();
    }

    // A side that failed ends the other direction too.
    private async Task EndingAsync(Task pump)
    {
        try
        {
            await pump.ConfigureAwait(false);
        }
        catch
        {
            await _cut.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }
}
