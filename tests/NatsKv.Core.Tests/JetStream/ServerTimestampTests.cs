using System.Globalization;
using System.Text;
using NatsKv.JetStream;

namespace NatsKv.Tests.JetStream;

public sealed class ServerTimestampTests
{
    [Theory]
    [InlineData("2026-01-02T03:04:05Z", 0)]
    [InlineData("2026-01-02T03:04:05.6Z", 6_000_000)]
    [InlineData("2026-01-02T03:04:05.67Z", 6_700_000)]
    [InlineData("2026-01-02T03:04:05.678Z", 6_780_000)]
    [InlineData("2026-01-02T03:04:05.0009Z", 9_000)]
    [InlineData("2026-01-02T03:04:05.12345Z", 1_234_500)]
    [InlineData("2026-01-02T03:04:05.123456Z", 1_234_560)]
    [InlineData("2026-01-02T03:04:05.1234567Z", 1_234_567)]
    [InlineData("2026-01-02T03:04:05.12345678Z", 1_234_567)]
    [InlineData("2026-01-02T03:04:05.123456789Z", 1_234_567)]
    [InlineData("2026-01-02T03:04:05.999999999Z", 9_999_999)]
    public void TryParse_ZeroToNineDecimals_AreCutToTicks(string text, long ticks)
    {
        Assert.True(ServerTimestamp.TryParse(Encoding.ASCII.GetBytes(text), out DateTimeOffset time));

        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(ticks), time);
        Assert.Equal(TimeSpan.Zero, time.Offset);
    }

    [Theory]
    [InlineData(51)]
    public void TryParse_AnyTime_IsTheOneThatWasFormatted(int seed)
    {
        var random = new Random(seed);
        for (int run = 0; run < 20_000; run++)
        {
            var expected = new DateTimeOffset(random.NextInt64(DateTimeOffset.MaxValue.Ticks), TimeSpan.Zero);
            expected = expected.AddTicks(-(expected.Ticks % (long)Math.Pow(10, random.Next(8))));
            string text = expected.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

            Assert.True(ServerTimestamp.TryParse(Encoding.ASCII.GetBytes(text), out DateTimeOffset time), text);
            Assert.Equal(expected, time);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("Z")]
    [InlineData("2026-01-02T03:04:05")]
    [InlineData("2026-01-02T03:04:05+00:00")]
    [InlineData("2026-01-02 03:04:05Z")]
    [InlineData("2022-08-06 00:29:27.587 +0000 UTC")]
    [InlineData("2026-01-02T03:04:05.Z")]
    [InlineData("2026-01-02T03:04:05,5Z")]
    [InlineData("2026-01-02T03:04:05.5xZ")]
    [InlineData("2026-01-02T03:04:05.-5Z")]
    [InlineData("2026-00-02T03:04:05Z")]
    [InlineData("2026-13-02T03:04:05Z")]
    [InlineData("2026-02-29T03:04:05Z")]
    [InlineData("2026-01-00T03:04:05Z")]
    [InlineData("2026-01-02T24:04:05Z")]
    [InlineData("2026-01-02T03:60:05Z")]
    [InlineData("2026-01-02T03:04:60Z")]
    [InlineData("0000-01-02T03:04:05Z")]
    [InlineData("-026-01-02T03:04:05Z")]
    [InlineData("+026-01-02T03:04:05Z")]
    [InlineData("2026-01-02T+3:04:05Z")]
    [InlineData("2026-01-02T-0:04:05Z")]
    [InlineData("2026-1--2T03:04:05Z")]
    [InlineData("abcd-ef-ghTij:kl:mnZ")]
    public void TryParse_Garbage_IsNone(string text) => Assert.False(ServerTimestamp.TryParse(Encoding.ASCII.GetBytes(text), out _));
}
