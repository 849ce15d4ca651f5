using System.Buffers;
using System.Text;
using NatsKv.Transport;
using NatsKv.Wire;

namespace NatsKv.Tests.Wire;

public sealed class FrameWriterTests
{
    [Fact]
    public void WritePublish_PayloadOnly_IsAPub() =>
        Assert.Equal("PUB $KV.b.key 5\r\nhello\r\n", Publish("$KV.b.", "key", headers: "", "hello", replyPrefix: "", replyToken: ""));

    [Fact]
    public void WritePublish_Nothing_IsAPubOfNoBytes() => Assert.Equal("PUB s 0\r\n\r\n", Publish("s", "", "", "", "", ""));

    [Fact]
    public void WritePublish_ReplyAndHeaders_IsAnHpubThatCountsBoth() => Assert.Equal(
        "HPUB $KV.b.key _INBOX.x.0123 18 23\r\nNATS/1.0\r\nA: b\r\n\r\nhello\r\n",
        Publish("$KV.b.", "key", "NATS/1.0\r\nA: b\r\n\r\n", "hello", "_INBOX.x.", "0123"));

    [Fact]
    public void WritePublish_PayloadOfSeveralSegments_IsWrittenInOrder()
    {
        var output = new ArrayBufferWriter<byte>();

        FrameWriter.WritePublish(output, new NatsOutgoingMessage(new NatsSubject("s"), default, Segments.Split("abcdef"u8.ToArray(), 1, 1, 4)), default, default);

        Assert.Equal("PUB s 6\r\nabcdef\r\n", Encoding.ASCII.GetString(output.WrittenSpan));
    }

    [Fact]
    public void WritePublish_SubjectBeyondAscii_IsUtf8() =>
        Assert.Equal("PUB schl\u00c3\u00bcssel 0\r\n\r\n", Publish("schl\u00fc", "ssel", "", "", "", ""));

    [Fact]
    public void WriteSubscribeAndUnsubscribe_AreAppended()
    {
        var output = new ArrayBufferWriter<byte>();

        FrameWriter.WriteSubscribe(output, "_INBOX.x.*", 1);
        FrameWriter.WriteUnsubscribe(output, long.MaxValue);

        Assert.Equal("SUB _INBOX.x.* 1\r\nUNSUB 9223372036854775807\r\n", Encoding.ASCII.GetString(output.WrittenSpan));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void WritePublish_AnyMessage_ComesBackFromTheParser(int seed)
    {
        var random = new Random(seed);
        var output = new ArrayBufferWriter<byte>();
        var expected = new List<ParsedFrame>();
        for (int i = 0; i < 500; i++)
        {
            string prefix = Text(random, 1, 20);
            string suffix = Text(random, 0, 200);
            string reply = random.Next(2) == 0 ? "" : Text(random, 1, 30);
            string headers = random.Next(2) == 0 ? "" : $"NATS/1.0\r\nName: {Text(random, 1, 50)}\r\n\r\n";
            byte[] payload = new byte[random.Next(20) == 0 ? random.Next(100_000) : random.Next(100)];
            random.NextBytes(payload);

            FrameWriter.WritePublish(
                output,
                new NatsOutgoingMessage(new NatsSubject(prefix, suffix), Encoding.ASCII.GetBytes(headers), new ReadOnlySequence<byte>(payload)),
                Encoding.ASCII.GetBytes(reply),
                "t"u8);
            expected.Add(ParsedFrame.Message(prefix + suffix, 1, Encoding.Latin1.GetString(payload), reply.Length == 0 ? "" : reply + "t", headers));
        }

        Assert.Equal(expected, ParsedFrame.ParseAll(AsDelivered(output.WrittenSpan)));
    }

    // What a server makes of what a client publishes: another verb, and the subscription's number behind the subject.
    private static byte[] AsDelivered(ReadOnlySpan<byte> published)
    {
        var delivered = new ArrayBufferWriter<byte>(published.Length * 2);
        while (!published.IsEmpty)
        {
            bool hasHeaders = published[0] == 'H';
            ReadOnlySpan<byte> line = published[..published.IndexOf("\r\n"u8)];
            int subjectStart = line.IndexOf((byte)' ') + 1;
            int subjectEnd = subjectStart + line[subjectStart..].IndexOf((byte)' ');
            int size = int.Parse(line[(line.LastIndexOf((byte)' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
            int end = line.Length + 2 + size + 2;
            delivered.Write(hasHeaders ? "HMSG "u8 : "MSG "u8);
            delivered.Write(line[subjectStart..subjectEnd]);
            delivered.Write(" 1"u8);
            delivered.Write(published[subjectEnd..end]);
            published = published[end..];
        }

        return delivered.WrittenSpan.ToArray();
    }

    private static string Text(Random random, int least, int most) =>
        string.Create(random.Next(least, most + 1), random, static (span, random) => random.GetItems("abcXYZ019.-_/=$", span));

    private static string Publish(string prefix, string suffix, string headers, string payload, string replyPrefix, string replyToken)
    {
        var output = new ArrayBufferWriter<byte>();
        FrameWriter.WritePublish(
            output,
            new NatsOutgoingMessage(new NatsSubject(prefix, suffix), Encoding.ASCII.GetBytes(headers), new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(payload))),
            Encoding.ASCII.GetBytes(replyPrefix),
            Encoding.ASCII.GetBytes(replyToken));
        return Encoding.Latin1.GetString(output.WrittenSpan);
    }
}
