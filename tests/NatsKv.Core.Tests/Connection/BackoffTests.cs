using NatsKv.Connection;

namespace NatsKv.Tests.Connection;

public sealed class BackoffTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(1, 25, 50)]
    [InlineData(2, 50, 100)]
    [InlineData(3, 100, 200)]
    [InlineData(6, 800, 1600)]
    [InlineData(7, 1000, 2000)]
    [InlineData(1000, 1000, 2000)]
    [InlineData(int.MaxValue, 1000, 2000)]
    public void Delay_Attempt_DoublesUpToTheLongestAndSpreadsOverTheUpperHalf(int attempt, int least, int most)
    {
        Assert.Equal(TimeSpan.FromMilliseconds(least), Backoff.Delay(attempt, Longest, random: 0));
        Assert.Equal(TimeSpan.FromMilliseconds(most), Backoff.Delay(attempt, Longest, random: 1));
    }

    [Fact]
    public void Delay_LongestBelowTheFirst_IsTheBound() =>
        Assert.Equal(TimeSpan.FromMilliseconds(10), Backoff.Delay(1, TimeSpan.FromMilliseconds(10), random: 1));

    [Fact]
    public void Delay_NoBound_StaysWithinATimeSpan() => Assert.True(Backoff.Delay(int.MaxValue, TimeSpan.MaxValue, random: 1) > TimeSpan.Zero);
}
