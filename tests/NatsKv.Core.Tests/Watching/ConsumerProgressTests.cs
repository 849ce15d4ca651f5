using NatsKv.TestKit;
using NatsKv.Watching;

namespace NatsKv.Tests.Watching;

public sealed class ConsumerProgressTests
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);

    private readonly ManualTimeProvider _time = new();
    private readonly ConsumerProgress _progress;

    public ConsumerProgressTests() => _progress = new ConsumerProgress(_time, Heartbeat);

    [Fact]
    public void HeartbeatsAloneThoughThereIsMore_StandsStillAfterThreeIntervals()
    {
        Assert.Equal(TimeSpan.FromSeconds(15), StandsStillAfter(Heartbeat));
    }

    [Fact]
    public void NothingMoreIsKnown_NeverStandsStill()
    {
        for (int i = 0; i < 100; i++)
        {
            Assert.False(Hear(looked: 7, expectsMore: false));
        }
    }

    [Fact]
    public void LooksFurther_IsNotStandingStill()
    {
        for (ulong i = 0; i < 100; i++)
        {
            Assert.False(Hear(looked: i, expectsMore: true));
        }
    }

    [Theory]
    [InlineData(11, false)]
    [InlineData(1, true)]
    public void HandsOverMessagesBetweenHeartbeats_IsNotStandingStill(int messages, bool mayCrawl)
    {
        for (ulong i = 0; i < 100; i++)
        {
            HandOver(messages);
            Assert.False(Hear(looked: i, expectsMore: true, mayCrawl));
        }
    }

    [Fact]
    public void HandsOverAMessageWithEachHeartbeat_Crawls()
    {
        _progress.Started();
        ulong heartbeats = 0;
        do
        {
            HandOver(1);
            Assert.True(++heartbeats < 10);
        }
        while (!Hear(looked: heartbeats, expectsMore: true));

        Assert.Equal(4UL, heartbeats);
    }

    [Fact]
    public void HandsOverABatchInBetween_BeginsAnew()
    {
        for (int i = 0; i < 100; i++)
        {
            HandOver(11);
            Assert.False(Hear(looked: 7, expectsMore: true));
            Assert.False(Hear(looked: 7, expectsMore: true));
            Assert.False(Hear(looked: 7, expectsMore: true));
        }
    }

    [Fact]
    public void SlowReaderTakesInManyHeartbeatsAtOnce_IsNotTheConsumersFault()
    {
        // The reader was busy with a message for an hour; behind the heartbeats is what they didn't know of.
        _progress.Moved();
        _time.Advance(TimeSpan.FromHours(1));
        for (int i = 0; i < 720; i++)
        {
            Assert.False(_progress.StandsStill(7, expectsMore: true, mayCrawl: false));
        }
    }

    [Fact]
    public void SuspendedMachine_OneHeartbeatIsNotEnough()
    {
        Assert.False(Hear(looked: 7, expectsMore: true));
        _time.Advance(TimeSpan.FromHours(1));

        Assert.False(_progress.StandsStill(7, expectsMore: true, mayCrawl: false));
    }

    [Fact]
    public void ShortHeartbeats_AReplicaIsGivenTwoSeconds()
    {
        var progress = new ConsumerProgress(_time, TimeSpan.FromMilliseconds(100));

        Assert.Equal(TimeSpan.FromSeconds(2), progress.Patience);
    }

    [Fact]
    public void OneAfterTheOtherStandsStill_PatienceGrowsUntilOneHasComeToTheEnd()
    {
        TimeSpan[] patience = [.. Enumerable.Range(0, 5).Select(_ => StandsStillAfter(Heartbeat))];

        Assert.Equal([15, 30, 60, 120, 120], patience.Select(static time => time.TotalSeconds));
        Assert.False(Hear(looked: 8, expectsMore: false));
        Assert.Equal(15, StandsStillAfter(Heartbeat).TotalSeconds);
    }

    private TimeSpan StandsStillAfter(TimeSpan interval)
    {
        _progress.Started();
        DateTimeOffset first = _time.GetUtcNow();
        while (!_progress.StandsStill(7, expectsMore: true, mayCrawl: false))
        {
            _time.Advance(interval);
            Assert.True(_time.GetUtcNow() - first < TimeSpan.FromHours(1));
        }

        return _time.GetUtcNow() - first;
    }

    private void HandOver(int messages)
    {
        for (; messages > 0; messages--)
        {
            _progress.Moved();
        }
    }

    private bool Hear(ulong looked, bool expectsMore, bool mayCrawl = false)
    {
        _time.Advance(Heartbeat);
        return _progress.StandsStill(looked, expectsMore, mayCrawl);
    }
}
