using NatsKv.Watching;

namespace NatsKv.Tests.Watching;

public sealed class WatchRetryTests
{
    private static readonly NatsKvTimeoutException Transient = new(TimeSpan.FromSeconds(1), "");
    private static readonly NatsKvPermissionException Forbidden = new("subject", "");

    public static TheoryData<Exception?, bool> Causes => new()
    {
        { null, false },
        { new NatsKvBucketNotFoundException("b"), true },
        { new NatsKvBucketConfigException("b", ""), true },
        { Forbidden, true },
        { new NatsKvNotSupportedException("JetStream", ""), true },
        { new NatsKvConnectionException(NatsKvConnectionFailure.Authentication, "", ""), true },
        { new NatsKvConnectionException(NatsKvConnectionFailure.Lost, "", ""), false },
        { new NatsKvConnectionException(NatsKvConnectionFailure.Unreachable, "", ""), false },
        { new NatsKvServerException(400, 10026, ""), true },
        { new NatsKvServerException(503, 10008, ""), false },
        { new NatsKvServerException(500, 10012, ""), false },
        { Transient, false },
        { new ConsumerLostException(""), false },
        { new NatsKvException("can't be read"), false },
    };

    [Theory]
    [MemberData(nameof(Causes))]
    public void NeedsSomebody_Table(Exception? cause, bool needs) => Assert.Equal(needs, WatchRetry.NeedsSomebody(cause));

    [Fact]
    public void OnEnded_NeverProven_PausesFromTheStartLongerAndLonger()
    {
        var retry = new WatchRetry(static () => 1);

        Assert.Equal([50, 100, 200, 400], Pauses(retry, Transient, 4));
        Assert.Equal(5000, Pauses(retry, Transient, 10)[^1]);
        Assert.False(retry.WasProven);
    }

    [Fact]
    public void OnEnded_Proven_FirstLossWithoutPause()
    {
        var retry = new WatchRetry(static () => 1);
        Pauses(retry, Transient, 10);

        retry.OnProven();

        Assert.Equal([0, 100, 200], Pauses(retry, Transient, 3));
        Assert.True(retry.WasProven);
    }

    [Fact]
    public void OnEnded_ProvenOnceLongAgo_ConsumersThatNeverSpeakArePaused()
    {
        var retry = new WatchRetry(static () => 1);
        retry.OnProven();

        Assert.All(Pauses(retry, null, 50).Skip(1), static pause => Assert.True(pause >= 100));
    }

    [Fact]
    public void OnEnded_SomebodyHasToAct_LongestPauseAtOnce()
    {
        var retry = new WatchRetry(static () => 1);
        retry.OnProven();

        Assert.Equal([5000, 5000], Pauses(retry, Forbidden, 2));
    }

    [Fact]
    public void OnEnded_BucketMissing_IsLookedForSoon()
    {
        var retry = new WatchRetry(static () => 1);
        retry.OnProven();

        Assert.Equal([50, 100, 200], Pauses(retry, new NatsKvBucketNotFoundException("b"), 3));
    }

    [Fact]
    public void OnEnded_Pauses_AreSpread()
    {
        Assert.Equal([2500], Pauses(new WatchRetry(static () => 0), Forbidden, 1));
        Assert.Equal([25], Pauses(new WatchRetry(static () => 0), Transient, 1));
    }

    private static double[] Pauses(WatchRetry retry, Exception? cause, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => retry.OnEnded(cause).TotalMilliseconds)];
}
