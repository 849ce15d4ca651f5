using System.Text;
using NatsKv.JetStream;

namespace NatsKv.Tests.JetStream;

public sealed class AckSubjectTests
{
    private static readonly DateTimeOffset Time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(1_234_567);

    [Theory]
    [InlineData("$JS.ACK.KV_b.consumer.1.7.3.1767323045123456789.9")]
    [InlineData("$JS.ACK._.hash.KV_b.consumer.1.7.3.1767323045123456789.9")]
    [InlineData("$JS.ACK.hub.hash.KV_b.consumer.1.7.3.1767323045123456789.9.random")]
    public void TryParse_EveryForm_GivesTheSame(string subject)
    {
        Assert.True(AckSubject.TryParse(Encoding.ASCII.GetBytes(subject), out AckSubject ack));

        Assert.Equal("consumer", Encoding.ASCII.GetString(ack.Consumer));
        Assert.Equal((7UL, 3UL, 9UL, Time), (ack.StreamSequence, ack.ConsumerSequence, ack.Pending, ack.Time));
    }

    [Fact]
    public void TryParse_LargestNumbers_AreTaken()
    {
        Assert.True(AckSubject.TryParse("$JS.ACK.s.c.1.18446744073709551615.18446744073709551615.18446744073709551615.18446744073709551615"u8, out AckSubject ack));

        Assert.Equal((ulong.MaxValue, ulong.MaxValue, ulong.MaxValue), (ack.StreamSequence, ack.ConsumerSequence, ack.Pending));
    }

    [Theory]
    [InlineData("")]
    [InlineData("$JS.ACK.")]
    [InlineData("$JS.ACK")]
    [InlineData("$JS.FC.KV_b.consumer.x")]
    [InlineData("$JS.ACK.s.c.1.7.3.4")] // 8 tokens
    [InlineData("$JS.ACK.x.s.c.1.7.3.4.5")] // 10
    [InlineData("$JS.ACK.d.h.s.c.1.7.3.4.5.r.r")] // 13
    [InlineData("$JS.ACK.d.h.s.c.1.7.3.4.5.r.r.r.r.r.r")]
    [InlineData("$JS.ACK.s.c.1.x.3.4.5")]
    [InlineData("$JS.ACK.s.c.1.7.-3.4.5")]
    [InlineData("$JS.ACK.s.c.1.7.3.4.5x")]
    [InlineData("$JS.ACK.s.c.1.7..4.5")]
    [InlineData("$JS.ACK.s.c.1.18446744073709551616.3.4.5")]
    [InlineData("$JS.ACK.s.c.1.28446744073709551615.3.4.5")]
    [InlineData("$JS.ACK.s.c.1.184467440737095516150.3.4.5")]
    [InlineData("$JS.ACK.s.c.1.7.3.4.")]
    [InlineData("$JS.ACK.s.c.1.7.3.4.+5")]
    [InlineData(".................................")]
    public void TryParse_Garbage_IsNone(string subject) => Assert.False(AckSubject.TryParse(Encoding.ASCII.GetBytes(subject), out _));
}
