using System.Globalization;
using NatsKv.Wire;

namespace NatsKv.Tests.Wire;

public sealed class FrameParserTests
{
    private const string EveryFrame =
        "INFO {\"server_id\":\"x\"}\r\n"
        + "PING\r\nPONG\r\n+OK\r\n-ERR 'Stale Connection'\r\n"
        + "MSG a.b 1 5\r\nhello\r\n"
        + "MSG a.b 1 _INBOX.r 0\r\n\r\n"
        + "MSG a.b 12  3\r\n\r\n\n\r\n"
        + "HMSG c 7 12 17\r\nNATS/1.0\r\n\r\nhello\r\n"
        + "HMSG c 7 r.s 23 25\r\nNATS/1.0 100 Idle\r\n\r\n\r\nPI\r\n"
        + "PING\r\n";

    private static readonly ParsedFrame[] EveryFrameParsed =
    [
        ParsedFrame.Control(FrameKind.Info, "{\"server_id\":\"x\"}"),
        ParsedFrame.Control(FrameKind.Ping),
        ParsedFrame.Control(FrameKind.Pong),
        ParsedFrame.Control(FrameKind.Ok),
        ParsedFrame.Control(FrameKind.Error, "Stale Connection"),
        ParsedFrame.Message("a.b", 1, "hello"),
        ParsedFrame.Message("a.b", 1, "", replyTo: "_INBOX.r"),
        ParsedFrame.Message("a.b", 12, "\r\n\n"),
        ParsedFrame.Message("c", 7, "hello", headers: "NATS/1.0\r\n\r\n"),
        ParsedFrame.Message("c", 7, "PI", replyTo: "r.s", headers: "NATS/1.0 100 Idle\r\n\r\n\r\n"),
        ParsedFrame.Control(FrameKind.Ping),
    ];

    public static TheoryData<string, string, string, string, string> LegalMessages => new()
    {
        // Frame; subject, reply subject, headers, payload.
        { "MSG s 1 0\r\n\r\n", "s", "", "", "" },
        { "MSG s 1 2\r\n\r\n\r\n", "s", "", "", "\r\n" },
        { "MSG s 1 r 1\r\nx\r\n", "s", "r", "", "x" },
        { "MSG s 1  1\r\nx\r\n", "s", "", "", "x" }, // Servers before 2.10 leave the reply subject's place empty.
        { "MSG  s  1   r  1 \r\nx\r\n", "s", "r", "", "x" },
        { "HMSG s 1 12 12\r\nNATS/1.0\r\n\r\n\r\n", "s", "", "NATS/1.0\r\n\r\n", "" },
        { "HMSG s 1  12 13\r\nNATS/1.0\r\n\r\nx\r\n", "s", "", "NATS/1.0\r\n\r\n", "x" },
        { "HMSG s 1 r 12 13\r\nNATS/1.0\r\n\r\nx\r\n", "s", "r", "NATS/1.0\r\n\r\n", "x" },
        { "HMSG s 1 0 1\r\nx\r\n", "s", "", "", "x" },
        { "MSG MSG 1 PING 4\r\nPONG\r\n", "MSG", "PING", "", "PONG" },
        { "MSG 5 1 7 4\r\nPONG\r\n", "5", "7", "", "PONG" },
        { "MSG schl\u00fcssel 1 1\r\n\u00ff\r\n", "schl\u00fcssel", "", "", "\u00ff" },
    };

    [Theory]
    [MemberData(nameof(LegalMessages))]
    public void TryParse_LegalMessage_GivesItsParts(string frame, string subject, string replyTo, string headers, string payload)
    {
        Assert.True(FrameParser.TryParse(ParsedFrame.Bytes(frame), out Frame parsed, out int length));

        Assert.Equal(ParsedFrame.Message(subject, 1, payload, replyTo, headers), ParsedFrame.From(parsed));
        Assert.Equal(frame.Length, length);
    }

    [Theory]
    [InlineData("PING\r\n", FrameKind.Ping, "")]
    [InlineData("PONG\r\n", FrameKind.Pong, "")]
    [InlineData("+OK\r\n", FrameKind.Ok, "")]
    [InlineData("-ERR 'Authorization Violation'\r\n", FrameKind.Error, "Authorization Violation")]
    [InlineData("-ERR\r\n", FrameKind.Error, "")]
    [InlineData("INFO {}\r\n", FrameKind.Info, "{}")]
    [InlineData("INFO \r\n", FrameKind.Info, "")]
    public void TryParse_Control_GivesKindAndText(string line, object kind, string payload)
    {
        Assert.True(FrameParser.TryParse(ParsedFrame.Bytes(line), out Frame parsed, out int length));

        Assert.Equal(ParsedFrame.Control((FrameKind)kind, payload), ParsedFrame.From(parsed));
        Assert.Equal(line.Length, length);
    }

    [Fact]
    public void TryParse_WholeStream_GivesEveryFrame() => Assert.Equal(EveryFrameParsed, ParsedFrame.ParseAll(ParsedFrame.Bytes(EveryFrame)));

    [Fact]
    public void TryParse_StreamSplitAnywhere_GivesTheSameFrames()
    {
        byte[] stream = ParsedFrame.Bytes(EveryFrame);
        for (int split = 0; split <= stream.Length; split++)
        {
            int taken = 0;
            var frames = new List<ParsedFrame>();
            foreach (int arrived in new[] { split, stream.Length })
            {
                while (FrameParser.TryParse(stream.AsSpan(taken, arrived - taken), out Frame frame, out int length))
                {
                    frames.Add(ParsedFrame.From(frame));
                    taken += length;
                }
            }

            Assert.Equal(EveryFrameParsed, frames);
            Assert.Equal(stream.Length, taken);
        }
    }

    [Theory]
    [InlineData("MSG s 1 5\r\nhello\r\n")]
    [InlineData("HMSG s 1 r 12 17\r\nNATS/1.0\r\n\r\nhello\r\n")]
    [InlineData("INFO {\"a\":1}\r\n")]
    public void TryParse_EveryBeginningOfAFrame_AsksForMoreAndKnowsTheLengthOnceAnnounced(string frame)
    {
        byte[] bytes = ParsedFrame.Bytes(frame);
        int lineEnd = frame.IndexOf('\n', StringComparison.Ordinal) + 1;
        for (int arrived = 0; arrived < bytes.Length; arrived++)
        {
            Assert.False(FrameParser.TryParse(bytes.AsSpan(0, arrived), out _, out int length));
            Assert.Equal(arrived < lineEnd ? 0 : bytes.Length, length);
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n")]
    [InlineData("\r\n")]
    [InlineData("ping\r\n")]
    [InlineData("PING \r\n")]
    [InlineData("PINGX\r\n")]
    [InlineData("OK\r\n")]
    [InlineData("INFO\r\n")]
    [InlineData("MSG\r\n")]
    [InlineData("MSG \r\n")]
    [InlineData("MSG s\r\n")]
    [InlineData("MSG s 1\r\n")]
    [InlineData("MSG s 1 \r\n")]
    [InlineData("MSG s x 1\r\nx\r\n")]
    [InlineData("MSG s -1 1\r\nx\r\n")]
    [InlineData("MSG s 99999999999999999999 1\r\nx\r\n")]
    [InlineData("MSG s 1 -1\r\n")]
    [InlineData("MSG s 1 x\r\n")]
    [InlineData("MSG s 1 1x\r\n")]
    [InlineData("MSG s 1 1.5\r\n")]
    [InlineData("MSG s 1 99999999999999999999\r\n")]
    [InlineData("MSG s 1 9223372036854775807\r\n")]
    [InlineData("MSG s 1 2147483648\r\n")]
    [InlineData("MSG s 1 67108865\r\n")] // One byte more than the most.
    [InlineData("MSG s 1 r 1 1\r\nx\r\n")]
    [InlineData("MSG s 1 r r 1 1\r\nx\r\n")]
    [InlineData("HMSG s 1 12\r\n")]
    [InlineData("HMSG s 1 r 12 12 12\r\n")]
    [InlineData("HMSG s 1 13 12\r\nNATS/1.0\r\n\r\n\r\n")] // More headers than there are bytes.
    [InlineData("HMSG s 1 -1 12\r\n")]
    [InlineData("HMSG s 1 12 67108865\r\n")]
    [InlineData("MSG s 1 1\r\nxy\r\n")]
    [InlineData("MSG s 1 1\r\nx\n\r")]
    [InlineData("MSG s 1 0\r\nPING\r\n")]
    public void TryParse_NoLegalFrame_ThrowsProtocolException(string bytes) =>
        Assert.Throws<WireProtocolException>(() => FrameParser.TryParse(ParsedFrame.Bytes(bytes), out _, out _));

    [Fact]
    public void TryParse_LargestMessage_IsAnnouncedWithItsLength()
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"MSG s 1 {FrameParser.MaxMessage}\r\n");

        Assert.False(FrameParser.TryParse(ParsedFrame.Bytes(line), out _, out int length));

        Assert.Equal(line.Length + FrameParser.MaxMessage + 2, length);
    }

    [Theory]
    [InlineData("MSG ", FrameParser.MaxControlLine)]
    [InlineData("-ERR ", FrameParser.MaxControlLine)]
    [InlineData("", FrameParser.MaxControlLine)]
    [InlineData("INFO ", FrameParser.MaxInfoLine)]
    public void TryParse_LineLongerThanItsLimit_ThrowsWithOrWithoutItsEnd(string start, int most)
    {
        byte[] longest = ParsedFrame.Bytes(start.PadRight(most, 'x'));
        byte[] longer = ParsedFrame.Bytes(start.PadRight(most + 1, 'x'));

        Assert.False(FrameParser.TryParse(longest, out _, out _));
        Assert.Throws<WireProtocolException>(() => FrameParser.TryParse(longer, out _, out _));
        Assert.Throws<WireProtocolException>(() => FrameParser.TryParse([.. longer, (byte)'\r', (byte)'\n'], out _, out _));
    }

    [Fact]
    public void TryParse_LongestInfo_IsTaken()
    {
        string info = "INFO ".PadRight(FrameParser.MaxInfoLine, 'x');

        Assert.True(FrameParser.TryParse(ParsedFrame.Bytes(info + "\r\n"), out Frame frame, out _));

        Assert.Equal(FrameKind.Info, frame.Kind);
    }

    [Fact]
    public void TryParse_Garbage_IsShownWithoutControlCharactersAndShortened()
    {
        WireProtocolException thrown = Assert.Throws<WireProtocolException>(
            () => FrameParser.TryParse(ParsedFrame.Bytes("\u001b[31m\0\u00ff" + new string('x', 1000) + "\r\n"), out _, out _));

        Assert.Contains("'?[31m??xxx", thrown.Message, StringComparison.Ordinal);
        Assert.True(thrown.Message.Length < 200, thrown.Message);
    }
}
