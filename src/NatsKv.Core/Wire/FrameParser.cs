using System.Buffers.Text;

namespace NatsKv.Wire;

/// <summary>
/// Cuts the server's byte stream into frames. Knows nothing of I/O: it is given what has arrived, and says what it found or how much more
/// it needs. Everything that the server announces is bounded, so that a broken or hostile one can't make the client allocate without end.
/// </summary>
internal static class FrameParser
{
    /// <summary>The longest control line; the server's own limit for clients is 4 KiB.</summary>
    public const int MaxControlLine = 8 * 1024;

    /// <summary>The longest INFO line; it carries the addresses of a cluster.</summary>
    public const int MaxInfoLine = 256 * 1024;

    /// <summary>The largest message: what a server can be configured to take, and more than JetStream's own answers need.</summary>
    public const int MaxMessage = 64 * 1024 * 1024;

    /// <summary>Takes one frame off the front of <paramref name="buffer"/>.</summary>
    /// <param name="buffer">What has arrived.</param>
    /// <param name="frame">The frame, when there is a whole one.</param>
    /// <param name="length">The frame's length; without a whole frame, the length that it will have if that is known, else 0.</param>
    /// <returns>Whether there is a whole frame.</returns>
    /// <exception cref="WireProtocolException">The bytes are no NATS protocol, or announce more than is allowed.</exception>
    public static bool TryParse(ReadOnlySpan<byte> buffer, out Frame frame, out int length)
    {
        frame = default;
        length = 0;
        int lineEnd = buffer.IndexOf("\r\n"u8);
        if (lineEnd < 0)
        {
            ThrowIfLineTooLong(buffer, buffer.Length);
            return false;
        }

        ThrowIfLineTooLong(buffer, lineEnd);
        ReadOnlySpan<byte> line = buffer[..lineEnd];
        int afterLine = lineEnd + 2;
        if (line.StartsWith("MSG "u8))
        {
            return TryParseMessage(buffer, line[4..], hasHeaders: false, afterLine, ref frame, out length);
        }

        if (line.StartsWith("HMSG "u8))
        {
            return TryParseMessage(buffer, line[5..], hasHeaders: true, afterLine, ref frame, out length);
        }

        ParseControl(line, ref frame);
        length = afterLine;
        return true;
    }

    private static void ParseControl(ReadOnlySpan<byte> line, ref Frame frame)
    {
        if (line.SequenceEqual("PING"u8))
        {
            frame.Kind = FrameKind.Ping;
        }
        else if (line.SequenceEqual("PONG"u8))
        {
            frame.Kind = FrameKind.Pong;
        }
        else if (line.SequenceEqual("+OK"u8))
        {
            frame.Kind = FrameKind.Ok;
        }
        else if (line.StartsWith("-ERR"u8))
        {
            frame.Kind = FrameKind.Error;
            frame.Payload = line[4..].Trim(" '"u8);
        }
        else if (line.StartsWith("INFO "u8))
        {
            frame.Kind = FrameKind.Info;
            frame.Payload = line[5..];
        }
        else
        {
            throw WireProtocolException.Unexpected(line);
        }
    }

    // MSG <subject> <sid> [reply-to] <size>   and   HMSG <subject> <sid> [reply-to] <header size> <total size>
    private static bool TryParseMessage(
        ReadOnlySpan<byte> buffer, ReadOnlySpan<byte> arguments, bool hasHeaders, int afterLine, ref Frame frame, out int length)
    {
        ReadOnlySpan<byte> rest = arguments;
        ReadOnlySpan<byte> subject = NextToken(ref rest, arguments);
        ReadOnlySpan<byte> subscription = NextToken(ref rest, arguments);
        ReadOnlySpan<byte> third = NextToken(ref rest, arguments);
        ReadOnlySpan<byte> fourth = rest.IsEmpty ? default : NextToken(ref rest, arguments);
        ReadOnlySpan<byte> fifth = rest.IsEmpty ? default : NextToken(ref rest, arguments);
        int numbers = hasHeaders ? 2 : 1;
        int tokens = fourth.IsEmpty ? 1 : fifth.IsEmpty ? 2 : 3;
        if (!rest.IsEmpty || tokens < numbers || tokens > numbers + 1)
        {
            throw WireProtocolException.Unexpected(arguments);
        }

        bool hasReply = tokens > numbers;
        ReadOnlySpan<byte> firstNumber = hasReply ? fourth : third;
        int total = ParseSize(hasHeaders ? (hasReply ? fifth : fourth) : firstNumber, arguments);
        int headers = hasHeaders ? ParseSize(firstNumber, arguments) : 0;
        if (headers > total || !TryParseNumber(subscription, out long id))
        {
            throw WireProtocolException.Unexpected(arguments);
        }

        length = afterLine + total + 2;
        if (buffer.Length < length)
        {
            return false;
        }

        if (buffer[length - 2] != (byte)'\r' || buffer[length - 1] != (byte)'\n')
        {
            throw new WireProtocolException("A message from the server doesn't end where it should.");
        }

        frame.Kind = FrameKind.Message;
        frame.Subject = subject;
        frame.SubscriptionId = id;
        frame.ReplyTo = hasReply ? third : default;
        frame.Headers = buffer.Slice(afterLine, headers);
        frame.Payload = buffer.Slice(afterLine + headers, total - headers);
        return true;
    }

    private static ReadOnlySpan<byte> NextToken(scoped ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> line)
    {
        // Servers before 2.10 leave an empty place where there is no reply subject.
        rest = rest.TrimStart((byte)' ');
        int space = rest.IndexOf((byte)' ');
        ReadOnlySpan<byte> token = space < 0 ? rest : rest[..space];
        rest = space < 0 ? default : rest[(space + 1)..];
        return token.IsEmpty ? throw WireProtocolException.Unexpected(line) : token;
    }

    private static int ParseSize(ReadOnlySpan<byte> token, ReadOnlySpan<byte> line)
    {
        if (!TryParseNumber(token, out long size))
        {
            throw WireProtocolException.Unexpected(line);
        }

        return size <= MaxMessage ? (int)size : throw new WireProtocolException($"The server announced a message of {size} bytes; {MaxMessage} are the most.");
    }

    private static bool TryParseNumber(ReadOnlySpan<byte> token, out long value) =>
        Utf8Parser.TryParse(token, out value, out int consumed) && consumed == token.Length && value >= 0;

    private static void ThrowIfLineTooLong(ReadOnlySpan<byte> buffer, int lineLength)
    {
        int most = buffer.StartsWith("INFO "u8) ? MaxInfoLine : MaxControlLine;
        if (lineLength > most)
        {
            throw new WireProtocolException($"The server sent a line of more than {most} bytes.");
        }
    }
}
