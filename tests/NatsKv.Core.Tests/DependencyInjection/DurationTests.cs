namespace NatsKv.Tests.DependencyInjection;

public sealed class DurationTests
{
    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("2s", 2)]
    [InlineData("1.5h", 5400)]
    [InlineData("1h30m", 5400)]
    [InlineData("1h30m15.5s250ms", 5415.75)]
    [InlineData("2d", 172800)]
    [InlineData("0s", 0)]
    [InlineData("0", 0)]
    [InlineData("90", 90)]
    [InlineData("1.5", 1.5)]
    [InlineData(".5s", 0.5)]
    [InlineData(" 5s ", 5)]
    [InlineData("00:00:05", 5)]
    [InlineData("1.02:03:04.5", 93784.5)]
    [InlineData("01:30", 5400)]
    [InlineData("1us", 0.000001)]
    [InlineData("1.5\u00b5s", 0.0000015)]
    [InlineData("250\u03bcs", 0.00025)]
    [InlineData("300ns", 0.0000003)]
    [InlineData("1s1ms1us100ns", 1.0010011)]
    public void TryParse_Duration_IsRead(string text, double seconds)
    {
        Assert.True(NatsKvDuration.TryParse(text, out TimeSpan duration));

        Assert.Equal(TimeSpan.FromSeconds(seconds), duration);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("s")]
    [InlineData("5x")]
    [InlineData("5 s")]
    [InlineData("5S")]
    [InlineData("1h30")]
    [InlineData("1,5s")]
    [InlineData("1..5s")]
    [InlineData("-5s")]
    [InlineData("-5")]
    [InlineData("+5")]
    [InlineData("1e3")]
    [InlineData("0x10")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("-Infinity")]
    [InlineData("\u221e")]
    [InlineData("-\u221e")]
    [InlineData("99:99")]
    [InlineData("::")]
    [InlineData("99999999999999999999999h")]
    [InlineData("922337203686s")]
    [InlineData("soon")]
    [InlineData("never")]
    [InlineData("1n")]
    [InlineData("1\u00b5")]
    public void TryParse_NoDuration_IsNone(string? text)
    {
        Assert.False(NatsKvDuration.TryParse(text, out TimeSpan duration));

        Assert.Equal(TimeSpan.Zero, duration);
    }

    [Theory]
    [InlineData("1ns")]
    [InlineData("99.9ns")]
    [InlineData("0.01us")]
    public void TryParse_LessThanCanBeCounted_IsNotNothing(string text)
    {
        Assert.True(NatsKvDuration.TryParse(text, out TimeSpan duration));

        Assert.Equal(TimeSpan.FromTicks(1), duration);
    }

    [Theory]
    [InlineData("never", -1)]
    [InlineData(" Never ", -1)]
    [InlineData("500ms", 500)]
    [InlineData("90", 90_000)]
    public void TryParseTimeToLive_TimeToLive_IsRead(string text, int milliseconds)
    {
        Assert.True(NatsKvDuration.TryParseTimeToLive(text, out TimeSpan timeToLive));

        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), timeToLive);
        Assert.Equal(timeToLive == Timeout.InfiniteTimeSpan, NatsKv.Buckets.WriteHeaders.WholeSeconds(timeToLive) is null);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("0s")]
    [InlineData("-00:00:05")]
    [InlineData("nevermore")]
    public void TryParseTimeToLive_None_IsNone(string? text)
    {
        Assert.False(NatsKvDuration.TryParseTimeToLive(text, out TimeSpan timeToLive));

        Assert.Equal(TimeSpan.Zero, timeToLive);
    }

    [Fact]
    public void TryParse_NextToTheLongest_IsRead()
    {
        Assert.True(NatsKvDuration.TryParse("922337203685s", out TimeSpan duration));
        Assert.InRange(duration, TimeSpan.FromDays(10_675_199), TimeSpan.MaxValue);
    }
}
