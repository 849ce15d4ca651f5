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
    public void TryParse_NoDuration_IsNone(string? text)
    {
        Assert.False(NatsKvDuration.TryParse(text, out TimeSpan duration));

        Assert.Equal(TimeSpan.Zero, duration);
    }

    [Fact]
    public void TryParse_NextToTheLongest_IsRead()
    {
        Assert.True(NatsKvDuration.TryParse("922337203685s", out TimeSpan duration));
        Assert.InRange(duration, TimeSpan.FromDays(10_675_199), TimeSpan.MaxValue);
    }
}
