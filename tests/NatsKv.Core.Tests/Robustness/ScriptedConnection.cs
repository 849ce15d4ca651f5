using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace NatsKv.Tests.Robustness;

/// <summary>One connection of a <see cref="ScriptedServer"/>.</summary>
internal sealed class ScriptedConnection(TcpClient client, CancellationToken stopping) : IDisposable
{
    public const string Info = "INFO {\"server_name\":\"scripted\",\"version\":\"2.15.1\",\"headers\":true,\"jetstream\":true,\"max_payload\":1048576,\"api_lvl\":1}\r\n";

    private const int MaxPayload = 1048576;

    private readonly NetworkStream _stream = client.GetStream();
    private readonly byte[] _byte = new byte[1];

    public Task SendAsync(string text) => _stream.WriteAsync(Encoding.Latin1.GetBytes(text), stopping).AsTask();

    /// <summary>Greets as a real server does.</summary>
    /// <param name="maxPayload">The largest message that it says it takes.</param>
    public async Task WelcomeAsync(int maxPayload = MaxPayload)
    {
        await SendAsync(Info.Replace(MaxPayload.ToString(CultureInfo.InvariantCulture), maxPayload.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        while (await ReadLineAsync() != "PING")
        {
            // CONNECT.
        }

        await SendAsync("PONG\r\n");
    }

    /// <summary>The next message that the client sends; pings on the way are answered.</summary>
    public async Task<(string Subject, string ReplyTo)> NextPublishAsync()
    {
        while (true)
        {
            string line = await ReadLineAsync();
            string[] tokens = line.Split(' ');
            if (line == "PING")
            {
                await SendAsync("PONG\r\n");
            }
            else if (tokens[0] is "PUB" or "HPUB")
            {
                byte[] payload = new byte[int.Parse(tokens[^1], CultureInfo.InvariantCulture) + 2];
                await _stream.ReadExactlyAsync(payload, stopping);
                return (tokens[1], tokens[2]);
            }
        }
    }

    /// <summary>Waits until the client pings, and doesn't answer.</summary>
    public async Task HearPingAsync()
    {
        while (await ReadLineAsync() != "PING")
        {
            // Whatever comes before it.
        }
    }

    /// <summary>Answers a request.</summary>
    public Task ReplyAsync(string replyTo, string payload) =>
        SendAsync(string.Create(CultureInfo.InvariantCulture, $"MSG {replyTo} 1 {payload.Length}\r\n{payload}\r\n"));

    /// <summary>Plays a server that answers pings and else says nothing, until the client closes.</summary>
    public async Task ServeAsync()
    {
        while (true)
        {
            await NextPublishAsync();
        }
    }

    /// <summary>Takes everything in and says nothing, until the client closes.</summary>
    public Task IgnoreAsync() => _stream.CopyToAsync(Stream.Null, stopping);

    public void Dispose() => client.Dispose();

    private async Task<string> ReadLineAsync()
    {
        var line = new StringBuilder();
        while (true)
        {
            await _stream.ReadExactlyAsync(_byte, stopping);
            if (_byte[0] == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append((char)_byte[0]);
        }
    }
}
