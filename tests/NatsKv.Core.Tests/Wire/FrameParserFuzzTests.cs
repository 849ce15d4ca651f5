using System.Globalization;
using System.Text;
using NatsKv.Wire;

namespace NatsKv.Tests.Wire;

/// <summary>Broken streams, made from whole ones with a seed that a failure names.</summary>
public sealed class FrameParserFuzzTests
{
    private const int StreamsPerSeed = 4000;

    private static readonly string[] Bits =
    [
        "\r\n", "\r", "\n", " ", "  ", "0", "-1", "9", "99999999999", "9223372036854775808", "MSG ", "HMSG ", "PING\r\n", "INFO ", "-ERR ", "\0", "\u00ff", "\t", "+",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void TryParse_MutatedStream_GivesFramesOrAProtocolException(int seed)
    {
        var random = new Random(seed);
        for (int run = 0; run < StreamsPerSeed; run++)
        {
            byte[] stream = Mutate(random, NewStream(random));
            try
            {
                Consume(stream, random);
            }
            catch (Exception exception)
            {
                Assert.Fail($"Seed {seed}, run {run}, stream '{Encoding.Latin1.GetString(stream)}': {exception}");
            }
        }
    }

    // Reads as a connection does: bytes arrive in pieces, whole frames are taken off the front.
    private static void Consume(byte[] stream, Random random)
    {
        int taken = 0;
        int arrived = 0;
        try
        {
            while (arrived < stream.Length)
            {
                arrived = Math.Min(stream.Length, arrived + random.Next(1, 40));
                while (true)
                {
                    ReadOnlySpan<byte> waiting = stream.AsSpan(taken, arrived - taken);
                    bool whole = FrameParser.TryParse(waiting, out Frame frame, out int length);
                    if (!whole)
                    {
                        Assert.True(length == 0 || length > waiting.Length, $"Asked for {length} bytes and has {waiting.Length}.");
                        Assert.InRange(length, 0, FrameParser.MaxControlLine + FrameParser.MaxMessage + 4);
                        break;
                    }

                    Assert.InRange(length, 1, waiting.Length);
                    Assert.True(frame.Subject.Length + frame.ReplyTo.Length + frame.Headers.Length + frame.Payload.Length < length);
                    Assert.True(frame.Kind != FrameKind.Message || frame is { Subject.IsEmpty: false, SubscriptionId: >= 0 });
                    taken += length;
                }
            }
        }
        catch (WireProtocolException)
        {
            // The connection ends here.
        }
    }

    private static byte[] NewStream(Random random)
    {
        var stream = new StringBuilder();
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            string payload = new('p', random.Next(0, 30));
            string reply = random.Next(3) switch { 0 => "", 1 => " ", _ => "_INBOX.r " };
            stream.Append(random.Next(6) switch
            {
                0 => "PING\r\n",
                1 => "-ERR 'Stale Connection'\r\n",
                2 => "INFO {\"headers\":true}\r\n",
                3 or 4 => string.Create(CultureInfo.InvariantCulture, $"MSG $KV.b.key {random.Next(100)} {reply}{payload.Length}\r\n{payload}\r\n"),
                _ => string.Create(CultureInfo.InvariantCulture, $"HMSG _INBOX.x.y 1 {reply}12 {payload.Length + 12}\r\nNATS/1.0\r\n\r\n{payload}\r\n"),
            });
        }

        return Encoding.Latin1.GetBytes(stream.ToString());
    }

    private static byte[] Mutate(Random random, byte[] stream)
    {
        var bytes = new List<byte>(stream);
        for (int i = random.Next(1, 4); i > 0 && bytes.Count > 0; i--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 8), bytes.Count - at));
                    break;
                case 2:
                    bytes.InsertRange(at, Encoding.Latin1.GetBytes(Bits[random.Next(Bits.Length)]));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 20), bytes.Count - at)));
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }
}
