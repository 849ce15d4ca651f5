using System.Text;
using NatsKv.Wire;

namespace NatsKv.Tests.Wire;

public sealed class HeaderDecoderTests
{
    [Theory]
    [InlineData("", 0, "")]
    [InlineData("NATS/1.0\r\n\r\n", 0, "")]
    [InlineData("NATS/1.0 503\r\n\r\n", 503, "")]
    [InlineData("NATS/1.0 404 Message Not Found\r\n\r\n", 404, "Message Not Found")]
    [InlineData("NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 3\r\n\r\n", 100, "Idle Heartbeat")]
    [InlineData("NATS/1.0 408", 408, "")]
    [InlineData("NATS/1.0 4040\r\n", 0, "")]
    [InlineData("NATS/1.0 40\r\n", 0, "")]
    [InlineData("NATS/1.0 abc\r\n", 0, "")]
    [InlineData("NATS/1.0404\r\n\r\n", 0, "")]
    [InlineData("NATS/2.0 404\r\n\r\n", 0, "")]
    [InlineData("HTTP/1.1 404\r\n\r\n", 0, "")]
    public void Status_FirstLine_GivesNumberAndText(string block, int status, string text)
    {
        Assert.Equal(status, HeaderDecoder.Status(Encoding.ASCII.GetBytes(block)));
        Assert.Equal(text, Encoding.ASCII.GetString(HeaderDecoder.StatusText(Encoding.ASCII.GetBytes(block))));
    }

    [Theory]
    [InlineData("NATS/1.0\r\nA: 1\r\nB: 2\r\n\r\n", "A=1;B=2")]
    [InlineData("NATS/1.0\r\nA:1\r\nB:   2  \r\n\r\n", "A=1;B=2")]
    [InlineData("NATS/1.0 404 Not Found\r\nA: 1\r\n\r\n", "A=1")]
    [InlineData("NATS/1.0\r\nA: x: y\r\nEmpty:\r\n\r\n", "A=x: y;Empty=")]
    [InlineData("NATS/1.0\r\nA: 1\r\nno header\r\n: no name\r\nB: 2", "A=1;B=2")]
    [InlineData("NATS/1.0\r\nA: 1\r\nA: 2\r\n\r\n", "A=1;A=2")]
    [InlineData("NATS/1.0", "")]
    [InlineData("", "")]
    public void HeaderLines_Block_AreWalkedInOrder(string block, string expected)
    {
        var lines = new List<string>();
        foreach (NatsKvHeaderLine line in new NatsKvHeaderBlock(Encoding.ASCII.GetBytes(block)))
        {
            lines.Add($"{Encoding.ASCII.GetString(line.Name)}={Encoding.ASCII.GetString(line.Value)}");
        }

        Assert.Equal(expected, string.Join(';', lines));
    }

    [Fact]
    public void TryGetLast_SeveralOfTheName_GivesTheOneThatTheAnsweringServerAdded()
    {
        // A sourced or republished message carries the first server's headers too.
        byte[] block = "NATS/1.0\r\nNats-Sequence: 3\r\nnats-sequence: 4\r\nNats-Sequence: 7\r\nNats-Sequences: 9\r\n\r\n"u8.ToArray();

        Assert.True(HeaderDecoder.TryGetLast(block, "Nats-Sequence"u8, out ReadOnlySpan<byte> value));
        Assert.Equal("7", Encoding.ASCII.GetString(value));
        Assert.False(HeaderDecoder.TryGetLast(block, "Nats"u8, out _));
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void HeaderEncoder_AnyHeaders_ComeBackFromTheDecoder(int seed)
    {
        const string NameCharacters = "abcXYZ019-_!#$%&'*+.^`|~";
        const string ValueCharacters = "abc XYZ:019\u00e9\u20ac\t;,=";
        var random = new Random(seed);
        byte[] buffer = new byte[100_000];
        for (int run = 0; run < 500; run++)
        {
            var expected = new List<(string, string)>();
            var encoder = new HeaderEncoder(buffer);
            for (int i = random.Next(6); i > 0; i--)
            {
                string name = new(random.GetItems<char>(NameCharacters, random.Next(1, 20)));
                string value = new string(random.GetItems<char>(ValueCharacters, random.Next(0, 40))).Trim(' ');
                ulong number = (ulong)random.NextInt64();
                HeaderRules.ThrowIfNotUserHeader(name, value);
                encoder.Add(name, value);
                encoder.Add(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
                encoder.Add("Number"u8, number, "s"u8);
                expected.AddRange([(name, value), (name, value), ("Number", $"{number}s")]);
            }

            int length = encoder.Complete();
            ReadOnlySpan<byte> block = buffer.AsSpan(0, length);

            Assert.Equal(expected, Decode(block));
            Assert.Equal(0, HeaderDecoder.Status(block));
            Assert.True(block.EndsWith("\r\n\r\n"u8));
        }
    }

    private static List<(string Name, string Value)> Decode(ReadOnlySpan<byte> block)
    {
        var decoded = new List<(string, string)>();
        foreach (NatsKvHeaderLine line in new NatsKvHeaderBlock(block))
        {
            decoded.Add((Encoding.UTF8.GetString(line.Name), Encoding.UTF8.GetString(line.Value)));
        }

        return decoded;
    }
}
