using System.Buffers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using NatsKv.Wire;

namespace NatsKv.Connection;

/// <summary>The first words on a link: the server's INFO, our CONNECT, and a PING whose PONG says that we are in.</summary>
internal static class Handshake
{
    /// <summary>Connects and introduces us; blocks for about <see cref="NatsKvConnectionSettings.ConnectTimeout"/> at most.</summary>
    /// <exception cref="NatsKvConnectionException">It didn't work out; the message says why and what to do.</exception>
    public static ConnectionSession Open(NatsUrl url, NatsKvConnectionSettings settings, TimeProvider time, CancellationToken cancellationToken)
    {
        ServerLink? link = null;
        try
        {
            link = ServerLink.Connect(url, settings.ConnectTimeout, time, cancellationToken);
            using ITimer timer = time.CreateTimer(static state => ((ServerLink)state!).Dispose(), link, settings.ConnectTimeout, Timeout.InfiniteTimeSpan);
            using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static state => ((ServerLink)state!).Dispose(), link);
            return Introduce(link, url, settings);
        }
        catch (Exception exception) when (exception is not NatsKvConnectionException)
        {
            link?.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw Explain(exception, url);
        }
        catch (NatsKvConnectionException)
        {
            link?.Dispose();
            throw;
        }
    }

    private static ConnectionSession Introduce(ServerLink link, NatsUrl url, NatsKvConnectionSettings settings)
    {
        var reader = new FrameReader(link);
        Frame frame = Next(reader);
        if (frame.Kind != FrameKind.Info)
        {
            throw WireProtocolException.Unexpected(frame.Payload);
        }

        InfoDocument info = JsonSerializer.Deserialize(frame.Payload, WireJsonContext.Default.InfoDocument) ?? new InfoDocument();
        if (!info.Headers)
        {
            throw new NatsKvConnectionException(
                NatsKvConnectionFailure.Protocol, url.ToString(), $"The NATS server at {url} ({info.Version}) has no headers. Use nats-server 2.9 or newer, with headers enabled.");
        }

        if (url.Tls)
        {
            link.StartTls(url.Host, settings.ConfigureTls);
        }
        else if (info.TlsRequired)
        {
            throw new NatsKvConnectionException(
                NatsKvConnectionFailure.Tls, url.ToString(), $"The NATS server at {url} demands TLS. Write its URL as tls://{url.Host}:{url.Port}.");
        }

        link.Write(ConnectFrame(settings, url));
        while (true)
        {
            frame = Next(reader);
            switch (frame.Kind)
            {
                case FrameKind.Pong:
                    return new ConnectionSession(link, reader, info.ToServerInfo(), url);
                case FrameKind.Ping:
                    link.Write(FrameWriter.Pong);
                    break;
                case FrameKind.Error:
                    throw Refused(Encoding.UTF8.GetString(frame.Payload), info, url);
            }
        }
    }

    private static Frame Next(FrameReader reader)
    {
        Frame frame;
        while (!reader.TryRead(out frame))
        {
            if (!reader.Fill())
            {
                throw new IOException("The server closed the connection.");
            }
        }

        return frame;
    }

    private static byte[] ConnectFrame(NatsKvConnectionSettings settings, NatsUrl url)
    {
        var document = new ConnectDocument
        {
            Name = settings.ClientName,
            User = url.User,
            Password = url.Password,
            Token = url.Token,
            TlsRequired = url.Tls,
        };
        var frame = new ArrayBufferWriter<byte>();
        frame.Write("CONNECT "u8);
        frame.Write(JsonSerializer.SerializeToUtf8Bytes(document, WireJsonContext.Default.ConnectDocument));
        frame.Write("\r\n"u8);
        frame.Write(FrameWriter.Ping);
        return frame.WrittenSpan.ToArray();
    }

    private static NatsKvConnectionException Refused(string error, InfoDocument info, NatsUrl url)
    {
        if (!info.AuthRequired && !error.Contains("Authorization", StringComparison.OrdinalIgnoreCase))
        {
            return new NatsKvConnectionException(NatsKvConnectionFailure.Unreachable, url.ToString(), $"The NATS server at {url} refused the connection: {error}.");
        }

        string given = url.User is not null ? $"user '{url.User}' and its password" : url.Token is not null ? "the token" : "a connection without credentials";
        return new NatsKvConnectionException(
            NatsKvConnectionFailure.Authentication,
            url.ToString(),
            $"The NATS server at {url} refused {given} ({error}). Set NatsKv:User and NatsKv:Password, or NatsKv:Token, to what the server expects.");
    }

    private static NatsKvConnectionException Explain(Exception exception, NatsUrl url) => exception switch
    {
        AuthenticationException => new(
            NatsKvConnectionFailure.Tls, url.ToString(), $"The TLS handshake with the NATS server at {url} failed: {exception.Message}", exception),
        WireProtocolException or JsonException => new(
            NatsKvConnectionFailure.Protocol, url.ToString(), $"What answers at {url} is no NATS server: {exception.Message} Check the host and port in NatsKv:Url.", exception),
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => new(
            NatsKvConnectionFailure.Unreachable, url.ToString(), $"The host name of the NATS server {url} is unknown. Check NatsKv:Url.", exception),
        SocketException or IOException or TimeoutException or ObjectDisposedException => new(
            NatsKvConnectionFailure.Unreachable, url.ToString(), $"No NATS server answers at {url} ({Short(exception)}). Start one there, or set NatsKv:Url.", exception),
        _ => new(NatsKvConnectionFailure.Protocol, url.ToString(), $"Connecting to the NATS server at {url} failed: {exception.Message}", exception),
    };

    private static string Short(Exception exception) => exception switch
    {
        ObjectDisposedException => "it took too long",
        IOException { InnerException: SocketException or ObjectDisposedException } => "the connection broke, or it took too long",
        _ => exception.Message.TrimEnd('.'),
    };
}
