using System.Net.Sockets;
using System.Text;

namespace NatsKv.Configuration.Tests.Live;

/// <summary>A bare connection, to publish what no client would.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private readonly TcpClient _tcp;
    private readonly StreamReader _reader;
    private readonly NetworkStream _stream;

    private RawConnection(TcpClient tcp)
    {
        _tcp = tcp;
        _stream = tcp.GetStream();
        _reader = new StreamReader(_stream, Encoding.UTF8);
    }

    public static async Task<RawConnection> OpenAsync(int port)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", port, TestContext.Current.CancellationToken);
        var raw = new RawConnection(tcp);
        await raw.SendAsync("CONNECT {\"verbose\":false,\"headers\":true}\r\n");
        return raw;
    }

    public Task PublishAsync(string subject, string payload) =>
        SendAsync($"PUB {subject} {Encoding.UTF8.GetByteCount(payload)}\r\n{payload}\r\n");

    public Task PublishAsync(string subject, string headers, string payload)
    {
        string block = $"NATS/1.0\r\n{headers}\r\n\r\n";
        return SendAsync($"HPUB {subject} {block.Length} {block.Length + Encoding.UTF8.GetByteCount(payload)}\r\n{block}{payload}\r\n");
    }

    public async Task FlushAsync()
    {
        await SendAsync("PING\r\n");
        while (await _reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && line != "PONG")
        {
            Assert.False(line.StartsWith("-ERR", StringComparison.Ordinal), line);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _reader.Dispose();
        await _stream.DisposeAsync();
        _tcp.Dispose();
    }

    private Task SendAsync(string text) => _stream.WriteAsync(Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken).AsTask();
}
