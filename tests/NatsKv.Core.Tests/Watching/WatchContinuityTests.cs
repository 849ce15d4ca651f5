using NatsKv.Watching;

namespace NatsKv.Tests.Watching;

public sealed class WatchContinuityTests
{
    private static readonly DateTimeOffset Created = DateTimeOffset.UnixEpoch;
    private static readonly StreamMark Before = new(Created, Last: 10, Created.AddSeconds(10), Messages: 5, Subjects: 5, Created.AddSeconds(11));

    [Theory]
    [InlineData(10, 10, 5, nameof(Continuity.Same))]
    [InlineData(10, 10, 4, nameof(Continuity.Doubtful))]
    [InlineData(10, 10, 0, nameof(Continuity.Doubtful))]
    [InlineData(12, 12, 7, nameof(Continuity.Grown))]
    [InlineData(12, 12, 6, nameof(Continuity.Doubtful))]
    [InlineData(12, 12, 0, nameof(Continuity.Doubtful))]
    [InlineData(12, 12, 8, nameof(Continuity.Doubtful))]
    [InlineData(10, 11, 5, nameof(Continuity.Void))]
    [InlineData(9, 9, 4, nameof(Continuity.Void))]
    public void Compare_TellsFromNumbersWhetherAnythingIsGone(int last, int lastTime, int messages, string expected)
    {
        StreamMark now = Before with { Last = (ulong)last, LastTime = Created.AddSeconds(lastTime), Messages = messages };

        Assert.Equal(expected, WatchContinuity.Compare(Before, 0, now).ToString());
    }

    [Fact]
    public void Compare_AnotherStream_Void() =>
        Assert.Equal(Continuity.Void, WatchContinuity.Compare(Before, 0, Before with { Created = Created.AddTicks(1) }));

    [Fact]
    public void Compare_PositionBeyondTheLast_Void() => Assert.Equal(Continuity.Void, WatchContinuity.Compare(Before, 11, Before));

    [Fact]
    public void Compare_NothingWasProvenBefore_Doubtful()
    {
        Assert.Equal(Continuity.Doubtful, WatchContinuity.Compare(null, 10, Before));
        Assert.Equal(Continuity.Void, WatchContinuity.Compare(null, 11, Before));
    }

    [Fact]
    public void LagGauge_ClocksThatDiffer_TellsTheLagAlone()
    {
        var gauge = new LagGauge();
        DateTimeOffset ours = Created.AddHours(3);
        Assert.Equal(TimeSpan.Zero, gauge.Since(Created, ours));

        gauge.Synchronize(Created, ours);
        Assert.Equal(TimeSpan.FromSeconds(2), gauge.Since(Created.AddSeconds(1), ours.AddSeconds(3)));

        gauge.Synchronize(null, ours);
        Assert.Equal(TimeSpan.Zero, gauge.Since(Created.AddSeconds(1), ours.AddSeconds(3)));
    }
}
