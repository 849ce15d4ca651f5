using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace NatsKv.Testing.Wire;

/// <summary>
/// A connection that can do one request after the other, in NATS's text protocol: enough to learn whether a server is ready and what
/// its streams do. Not for concurrent use.
/// </summary>
internal sealed class WireConnection : IAsyncDisposable
{
    /// <summary>The name it gives itself, by which it is left out where connections are counted.</summary>
    public const string ClientName = "NatsKv.Testing";

    private readonly NetworkStream _stream;
    private readonly LineReader _reader;
    private readonly string _inbox = $"_INBOX.{Guid.NewGuid():N}";
    private int _requests;

    private WireConnection(Socket socket)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = new LineReader(_stream);
    }

    public string ServerVersion { get; private set; } = string.Empty;

    /// <summary>Whether the server wants TLS, which this connection can't do: it isn't logged in then.</summary>
    public bool TlsRequired { get; private set; }

    /// <summary>Connects, logs in and waits for the server's PONG.</summary>
    /// <exception cref="WireErrorException">The server refused the credentials.</exception>
    public static async Task<WireConnection> ConnectAsync(int port, WireCredentials credentials, CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), ct).ConfigureAwait(false);
            var connection = new WireConnection(socket);
            await connection.LogInAsync(credentials, ct).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a request and returns the reply, or <see langword="null"/> when nobody listens there.</summary>
    public async Task<JsonDocument?> RequestAsync(string subject, string payload, CancellationToken ct)
    {
        string reply = string.Create(CultureInfo.InvariantCulture, $"{_inbox}.{++_requests}");
        await SendAsync($"PUB {subject} {reply} {Encoding.UTF8.GetByteCount(payload)}\r\n{payload}\r\n", ct).ConfigureAwait(false);
        while (true)
        {
            string[] words = await ReadControlLineAsync(ct).ConfigureAwait(false);
            if (words[0] is not ("MSG" or "HMSG"))
            {
                continue;
            }

            // MSG <subject> <sid> [reply-to] <bytes>, HMSG <subject> <sid> [reply-to] <header bytes> <all bytes>
            int size = int.Parse(words[^1], CultureInfo.InvariantCulture);
            int headers = words[0] == "HMSG" ? int.Parse(words[^2], CultureInfo.InvariantCulture) : 0;
            byte[] message = await _reader.ReadBytesAsync(size + 2, ct).ConfigureAwait(false);
            if (words[1] == reply)
            {
                return size == headers ? null : JsonDocument.Parse(message.AsMemory(headers, size - headers));
            }
        }
    }

    public async ValueTask DisposeAsync() => await _stream.DisposeAsync().ConfigureAwait(false);

    private async Task LogInAsync(WireCredentials credentials, CancellationToken ct)
    {
        string info = await _reader.ReadLineAsync(ct).ConfigureAwait(false);
        if (!info.StartsWith("INFO ", StringComparison.Ordinal))
        {
            throw new InvalidDataException("What listens there doesn't speak NATS.");
        }

        using (var document = JsonDocument.Parse(info.AsMemory(5)))
        {
            ServerVersion = document.RootElement.GetProperty("version").GetString() ?? string.Empty;
            TlsRequired = document.RootElement.TryGetProperty("tls_required", out JsonElement required) && required.GetBoolean();
        }

        if (!TlsRequired)
        {
            await SendAsync($"CONNECT {ConnectDocument(credentials)}\r\nSUB {_inbox}.* 1\r\nPING\r\n", ct).ConfigureAwait(false);
            while ((await ReadControlLineAsync(ct).ConfigureAwait(false))[0] != "PONG")
            {
            }
        }
    }

    private static string ConnectDocument(WireCredentials credentials)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("name", ClientName);
            json.WriteString("lang", ".NET");
            json.WriteString("version", "0");
            json.WriteBoolean("verbose", false);
            json.WriteBoolean("pedantic", false);
            json.WriteBoolean("headers", true);
            json.WriteBoolean("no_responders", true);
            if (credentials.User is not null)
            {
                json.WriteString("user", credentials.User);
                json.WriteString("pass", credentials.Password);
            }

            if (credentials.Token is not null)
            {
                json.WriteString("auth_token", credentials.Token);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private async Task<string[]> ReadControlLineAsync(CancellationToken ct)
    {
        string line = await _reader.ReadLineAsync(ct).ConfigureAwait(false);
        if (line.StartsWith("-ERR", StringComparison.Ordinal))
        {
            throw new WireErrorException(line[4..].Trim(' ', '\''));
        }

        if (line == "PING")
        {
            await SendAsync("PONG\r\n", ct).ConfigureAwait(false);
        }

        return line.Split(' ');
    }

    private ValueTask SendAsync(string text, CancellationToken ct) => _stream.WriteAsync(Encoding.UTF8.GetBytes(text), ct);
}
