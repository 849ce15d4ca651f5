using NatsKv.Caching.Expiry;

namespace NatsKv.Caching.Tests.Expiry;

public sealed class ExpiryPolicyTests
{
    private static readonly DateTimeOffset Created = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(0.25)]
    [InlineData(1)]
    [InlineData(1.5)]
    [InlineData(3600)]
    public void IsLive_AbsoluteLife_EndsExactlyAtItsEnd(double seconds)
    {
        EntryExpiry expiry = Of(absolute: seconds);

        Assert.True(ExpiryPolicy.IsLive(expiry, Created, Created));
        Assert.True(ExpiryPolicy.IsLive(expiry, Created, Created.AddSeconds(seconds).AddTicks(-1)));
        Assert.False(ExpiryPolicy.IsLive(expiry, Created, Created.AddSeconds(seconds)));
    }

    [Fact]
    public void IsLive_LongSlidingWindow_IsNeverEarlyAndLateByTheQuantumAtMost()
    {
        EntryExpiry expiry = Of(sliding: 1200);

        Assert.True(ExpiryPolicy.IsLive(expiry, Created, Created.AddSeconds(1320).AddTicks(-1)));
        Assert.False(ExpiryPolicy.IsLive(expiry, Created, Created.AddSeconds(1320)));
    }

    [Fact]
    public void IsLive_ShortSlidingWindow_IsExact()
    {
        EntryExpiry expiry = Of(sliding: 9.9);

        Assert.Equal(0, expiry.Slack);
        Assert.False(ExpiryPolicy.IsLive(expiry, Created, Created.AddSeconds(9.9)));
    }

    [Fact]
    public void IsLive_NoWindows_IsForEver() => Assert.True(ExpiryPolicy.IsLive(default, Created, DateTimeOffset.MaxValue));

    [Fact]
    public void IsLive_ReaderClockBehind_TakesTheEntryForNew() =>
        Assert.True(ExpiryPolicy.IsLive(Of(absolute: 1), Created, Created.AddMinutes(-5)));

    [Fact]
    public void IsLive_LongestWindows_DoNotOverflow()
    {
        EntryExpiry expiry = ExpiryPolicy.Create(TimeSpan.MaxValue, TimeSpan.MaxValue - TimeSpan.FromHours(1), 0.5);

        Assert.True(ExpiryPolicy.IsLive(expiry, DateTimeOffset.MinValue, DateTimeOffset.MaxValue));
        Assert.True(ExpiryPolicy.IsLive(ExpiryPolicy.Create(null, TimeSpan.MaxValue, 0.5), DateTimeOffset.MinValue, DateTimeOffset.MaxValue));
    }

    [Theory]
    [InlineData(1200, 119.9, false)]
    [InlineData(1200, 120, true)]
    [InlineData(5, 0, true)]
    [InlineData(0, 100, false)]
    public void IsTouchDue_Age_DecidesByTheSlack(double sliding, double age, bool expected) =>
        Assert.Equal(expected, ExpiryPolicy.IsTouchDue(Of(sliding: sliding), Created, Created.AddSeconds(age)));

    [Theory]
    [InlineData(58.9, true)]
    [InlineData(59.1, false)]
    public void IsTouchDue_LastSecondOfTheAbsoluteLife_IsNotTouched(double age, bool expected)
    {
        EntryExpiry expiry = Of(absolute: 60, sliding: 5);

        Assert.Equal(expected, ExpiryPolicy.IsTouchDue(expiry, Created, Created.AddSeconds(age)));
    }

    [Fact]
    public void Create_SlidingWindowAsLongAsTheLife_IsDropped() => Assert.Equal(0, Of(absolute: 60, sliding: 60).Sliding);

    [Fact]
    public void Touched_Entry_KeepsItsAbsoluteEndThroughAnyNumberOfTouches()
    {
        EntryExpiry expiry = Of(absolute: 100, sliding: 20);
        DateTimeOffset revision = Created;
        for (int i = 0; i < 9; i++)
        {
            expiry = ExpiryPolicy.Touched(expiry, revision);
            revision = revision.AddSeconds(10);
            Assert.True(ExpiryPolicy.IsLive(expiry, revision, revision));
        }

        Assert.True(ExpiryPolicy.IsLive(expiry, revision, Created.AddSeconds(100).AddTicks(-1)));
        Assert.False(ExpiryPolicy.IsLive(expiry, revision, Created.AddSeconds(100)));
    }

    [Fact]
    public void Touched_OriginBetweenMilliseconds_IsRoundedUp()
    {
        EntryExpiry touched = ExpiryPolicy.Touched(Of(absolute: 100, sliding: 20), Created.AddTicks(1));

        Assert.Equal(Created.ToUnixTimeMilliseconds() + 1, touched.Origin);
    }

    [Theory]
    [InlineData(1.0, null, 11)]
    [InlineData(0.25, null, 11)]
    [InlineData(1.001, null, 12)]
    [InlineData(null, 1200.0, 1330)]
    [InlineData(null, 5.0, 15)]
    [InlineData(60.0, 20.0, 32)]
    [InlineData(21.0, 20.0, 31)]
    public void TimeToLive_OfASet_IsRoundedUpWithGrace(double? absolute, double? sliding, int expected) =>
        Assert.Equal(TimeSpan.FromSeconds(expected), ExpiryPolicy.TimeToLive(Of(absolute, sliding), Created, Created, Grace));

    [Fact]
    public void TimeToLive_OfATouch_IsWhatIsLeft()
    {
        EntryExpiry expiry = ExpiryPolicy.Touched(Of(absolute: 60, sliding: 20), Created);

        Assert.Equal(TimeSpan.FromSeconds(20), ExpiryPolicy.TimeToLive(expiry, Created.AddSeconds(50), Created.AddSeconds(50), Grace));
    }

    [Fact]
    public void TimeToLive_NoWindows_IsNone() => Assert.Null(ExpiryPolicy.TimeToLive(default, Created, Created, Grace));

    [Fact]
    public void TimeToLive_HugeWindow_StaysBelowTheServersOverflow() =>
        Assert.Equal(
            TimeSpan.FromSeconds(int.MaxValue),
            ExpiryPolicy.TimeToLive(ExpiryPolicy.Create(TimeSpan.MaxValue, null, 0.1), Created, Created, TimeSpan.MaxValue));

    private static EntryExpiry Of(double? absolute = null, double? sliding = null) =>
        ExpiryPolicy.Create(Time(absolute), Time(sliding), 0.1);

    private static TimeSpan? Time(double? seconds) => seconds is > 0 ? TimeSpan.FromSeconds(seconds.Value) : null;
}
