using System.Net;
using System.Net.Sockets;
using System.Text;

namespace NatsKv.LoadTest.Floor;

/// <summary>
/// A socket, its handshake, and where frames end. Only blocking calls: one asynchronous operation would put the socket into non-blocking
/// mode for good, and the floor would be no floor any more.
/// </summary>
internal sealed class RawLink : IDisposable
{
    private const int BufferSize = 512 * 1024;

    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);

    private readonly Socket _socket;
    private byte[] _buffer = new byte[BufferSize];
    private int _start;
    private int _end;

    public RawLink(string url)
    {
        var address = new Uri(url);
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,

            // The kernel's own; the socket stays blocking. A floor that waits for what never comes fails its row instead of the whole run.
            ReceiveTimeout = (int)LongestSilence.TotalMilliseconds,
        };
        AnswerPing = () => Send("PONG\r\n"u8);
        _socket.Connect(new IPEndPoint(IPAddress.Parse(address.Host), address.Port));
        Inbox = $"_INBOX.{Guid.NewGuid():N}"[..29];
        Send($$"""CONNECT {"verbose":false,"pedantic":false,"lang":"raw","version":"1","protocol":1,"headers":true,"no_responders":true,"name":"floor"}{{"\r\n"}}SUB {{Inbox}}.* 1{{"\r\n"}}PING{{"\r\n"}}""");
        while (!Next().Line.SequenceEqual("PONG"u8))
        {
            // INFO, perhaps several.
        }
    }

    /// <summary>Replies come to this subject and one more token; as long as that of the client under test.</summary>
    public string Inbox { get; }

    /// <summary>Sends a pong; replaced where sends are gathered, so that none falls into the middle of another.</summary>
    public Action AnswerPing { get; set; }

    public static string Token(int number) => number.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    public void Send(string text) => Send(Encoding.ASCII.GetBytes(text));

    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[_socket.Send(bytes)..];
        }
    }

    public void Send(IList<ArraySegment<byte>> segments) => _socket.Send(segments);

    /// <summary>Publishes and waits for the reply. Everything else that arrives meanwhile is dropped.</summary>
    public byte[] Ask(string subject, ReadOnlySpan<byte> payload = default)
    {
        SendRequest(subject, payload);
        return ReadReply();
    }

    public void SendRequest(string subject, ReadOnlySpan<byte> payload) =>
        Send([.. Encoding.ASCII.GetBytes($"PUB {subject} {Inbox}.{Token(0)} {payload.Length}\r\n"), .. payload, .. "\r\n"u8]);

    /// <summary>The next message to the link's own inbox.</summary>
    public byte[] ReadReply()
    {
        while (true)
        {
            RawFrame frame = Next();
            if (frame.IsMessage && frame.Subject.StartsWith(Encoding.ASCII.GetBytes(Inbox + ".")))
            {
                return frame.Body.ToArray();
            }
        }
    }

    /// <summary>The next frame, for which it may have to wait.</summary>
    public RawFrame Next()
    {
        RawFrame frame;
        while (!TryNext(out frame))
        {
            Receive();
        }

        return frame;
    }

    /// <summary>The next frame that has arrived completely. Pings are answered on the way.</summary>
    public bool TryNext(out RawFrame frame)
    {
        while (true)
        {
            ReadOnlySpan<byte> rest = _buffer.AsSpan(_start, _end - _start);
            int lineEnd = rest.IndexOf((byte)'\n');
            if (lineEnd < 0)
            {
                frame = default;
                return false;
            }

            ReadOnlySpan<byte> line = rest[..(lineEnd - 1)];
            switch (line[0])
            {
                case (byte)'M' or (byte)'H':
                    int size = LastNumber(line);
                    int bodyStart = lineEnd + 1;
                    int length = bodyStart + size + 2;
                    if (rest.Length < length)
                    {
                        MakeRoomFor(length);
                        frame = default;
                        return false;
                    }

                    _start += length;
                    frame = new RawFrame(line, rest.Slice(bodyStart, size));
                    return true;
                case (byte)'P' when line[1] == (byte)'I':
                    _start += lineEnd + 1;
                    AnswerPing();
                    continue;
                case (byte)'-':
                    throw new IOException($"The server says: {Encoding.UTF8.GetString(line)}");
                default:
                    _start += lineEnd + 1;
                    frame = new RawFrame(line, default);
                    return true;
            }
        }
    }

    /// <summary>Waits for more bytes. Frames read before become invalid.</summary>
    public void Receive()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_start > 0 && _buffer.Length - _end < BufferSize / 2)
        {
            Compact();
        }

        int received = _socket.Receive(_buffer.AsSpan(_end));
        if (received == 0)
        {
            throw new IOException("The server closed the connection.");
        }

        _end += received;
    }

    public void Dispose() => _socket.Dispose();

    private void MakeRoomFor(int length)
    {
        if (length > _buffer.Length)
        {
            Array.Resize(ref _buffer, length * 2);
        }

        if (length > _buffer.Length - _start)
        {
            Compact();
        }
    }

    private void Compact()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
    }

    private static int LastNumber(ReadOnlySpan<byte> line)
    {
        int number = 0;
        int unit = 1;
        for (int i = line.Length - 1; line[i] != (byte)' '; i--, unit *= 10)
        {
            number += (line[i] - '0') * unit;
        }

        return number;
    }
}
