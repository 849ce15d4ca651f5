using NatsKv.Configuration.Publishing;

namespace NatsKv.Configuration.Tests.Publishing;

public sealed class ReloadPolicyTests
{
    private readonly ReloadPolicy _policy = new(Ms(50), Ms(500));

    [Fact]
    public void UntilDue_NothingHappened_IsNothing() => Assert.Null(_policy.UntilDue(Ms(0)));

    [Fact]
    public void UntilDue_FirstChange_IsAtOnce()
    {
        _policy.Changed(Ms(1000));
        Assert.Equal(TimeSpan.Zero, _policy.UntilDue(Ms(1000)));
    }

    [Fact]
    public void UntilDue_ChangeSoonAfterAnother_WaitsForQuiet()
    {
        Change(1000);
        _policy.Taken();
        Change(1010);
        Assert.Equal(Ms(50), _policy.UntilDue(Ms(1010)));
        Change(1040);
        Assert.Equal(Ms(40), _policy.UntilDue(Ms(1050)));
        Assert.Equal(TimeSpan.Zero, _policy.UntilDue(Ms(1090)));
    }

    [Fact]
    public void UntilDue_SecondChangeBeforeTheFirstIsTaken_StaysAtOnce()
    {
        Change(1000);
        Change(1001);
        Assert.Equal(TimeSpan.Zero, _policy.UntilDue(Ms(1001)));
    }

    [Fact]
    public void UntilDue_ChangesKeepComing_AreHeldBackNoLongerThanTheMaximum()
    {
        Change(0);
        _policy.Taken();
        for (int at = 10; at < 510; at += 10)
        {
            Change(at);
            Assert.NotEqual(TimeSpan.Zero, _policy.UntilDue(Ms(at)));
        }

        Assert.Equal(TimeSpan.Zero, _policy.UntilDue(Ms(510)));
    }

    [Fact]
    public void UntilDue_AfterQuiet_IsAtOnceAgain()
    {
        Change(0);
        _policy.Taken();
        Change(50);
        Assert.Equal(TimeSpan.Zero, _policy.UntilDue(Ms(50)));
    }

    [Fact]
    public void UntilDue_NoDelay_IsAlwaysAtOnce()
    {
        var policy = new ReloadPolicy(TimeSpan.Zero, TimeSpan.Zero);
        for (int at = 0; at < 5; at++)
        {
            policy.Changed(Ms(at));
            Assert.Equal(TimeSpan.Zero, policy.UntilDue(Ms(at)));
            policy.Taken();
            Assert.Null(policy.UntilDue(Ms(at)));
        }
    }

    [Fact]
    public void Hold_BatchUnderWay_NothingIsDueUntilItEnds()
    {
        _policy.Hold(Ms(0));
        Change(0);
        Assert.Equal(ReloadPolicy.BatchPatience, _policy.UntilDue(Ms(0)));
        _policy.Hold(Ms(1));
        Change(1);
        Assert.True(_policy.IsHolding);
        Assert.NotEqual(TimeSpan.Zero, _policy.UntilDue(Ms(499)));
        _policy.Release();
        Assert.Equal(TimeSpan.Zero, _policy.UntilDue(Ms(2)));
    }

    [Fact]
    public void Hold_EndNeverComes_IsDueAfterPatience()
    {
        _policy.Hold(Ms(0));
        Change(0);
        Assert.Equal(TimeSpan.Zero, _policy.UntilDue(ReloadPolicy.BatchPatience));
    }

    [Fact]
    public void Hold_AfterABatchWithoutEndThatChangedNothing_BeginsAnew()
    {
        _policy.Hold(Ms(0));
        _policy.Hold(Ms(10_000));
        Change(10_000);
        Assert.Equal(ReloadPolicy.BatchPatience, _policy.UntilDue(Ms(10_000)));
    }

    private static TimeSpan Ms(int value) => TimeSpan.FromMilliseconds(value);

    private void Change(int at) => _policy.Changed(Ms(at));
}
