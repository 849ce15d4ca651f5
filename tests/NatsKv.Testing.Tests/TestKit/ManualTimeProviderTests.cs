using NatsKv.TestKit;

namespace NatsKv.Testing.Tests.TestKit;

public sealed class ManualTimeProviderTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly ManualTimeProvider _clock = new();
    private readonly List<string> _fired = [];

    [Fact]
    public void Advance_WithoutTimers_MovesBothClocks()
    {
        DateTimeOffset now = _clock.GetUtcNow();
        long timestamp = _clock.GetTimestamp();

        _clock.Advance(Second * 90);

        Assert.Equal(Second * 90, _clock.GetUtcNow() - now);
        Assert.Equal(Second * 90, _clock.GetElapsedTime(timestamp));
    }

    [Fact]
    public void Advance_Backwards_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => _clock.Advance(-Second));

    [Fact]
    public void Advance_ToJustBeforeDue_FiresNothing()
    {
        using ITimer timer = Timer("a", Second);

        _clock.Advance(Second - TimeSpan.FromTicks(1));
        Assert.Empty(_fired);

        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(["a@1"], _fired);
    }

    [Fact]
    public void Advance_PastSeveralTimers_FiresInOrderOfDueTimeEachAtItsOwnTime()
    {
        using ITimer late = Timer("late", Second * 3);
        using ITimer early = Timer("early", Second);
        using ITimer sameTime = Timer("same", Second * 3);
        using ITimer periodic = Timer("tick", Second * 2, Second * 2);

        _clock.Advance(Second * 6);

        Assert.Equal(["early@1", "tick@2", "late@3", "same@3", "tick@4", "tick@6"], _fired);
    }

    [Fact]
    public void Stall_PastSeveralTimers_FiresThemInOrderAllAtItsEnd()
    {
        using ITimer late = Timer("late", Second * 3);
        using ITimer early = Timer("early", Second);
        using ITimer beyond = Timer("beyond", Second * 6);

        _clock.Stall(Second * 5);

        Assert.Equal(["early@5", "late@5"], _fired);
    }

    [Fact]
    public void Advance_TimerMadeByACallback_FiresInTheSameAdvance()
    {
        using ITimer outer = _clock.CreateTimer(_ => Timer("inner", Second), null, Second, Timeout.InfiniteTimeSpan);

        _clock.Advance(Second * 5);

        Assert.Equal(["inner@2"], _fired);
    }

    [Fact]
    public void Change_BeforeDue_MovesTheTimer()
    {
        using ITimer timer = Timer("a", Second);

        Assert.True(timer.Change(Second * 2, Timeout.InfiniteTimeSpan));
        _clock.Advance(Second);
        Assert.Empty(_fired);
        _clock.Advance(Second * 5);

        Assert.Equal(["a@2"], _fired);
    }

    [Fact]
    public void Change_ToInfinite_StopsTheTimer()
    {
        using ITimer timer = Timer("a", Second, Second);

        _clock.Advance(Second);
        timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _clock.Advance(Second * 5);

        Assert.Equal(["a@1"], _fired);
        Assert.Null(_clock.NextDue);
    }

    [Fact]
    public void Dispose_BeforeDue_FiresNothingAndRefusesChanges()
    {
        ITimer timer = Timer("a", Second, Second);

        timer.Dispose();
        Assert.False(timer.Change(Second, Second));
        _clock.Advance(Second * 5);

        Assert.Empty(_fired);
        Assert.Equal(0, _clock.ActiveTimers);
    }

    [Fact]
    public void Dispose_InOwnCallback_EndsThePeriod()
    {
        ITimer? timer = null;
        timer = _clock.CreateTimer(
            _ =>
            {
                _fired.Add("once");
                timer!.Dispose();
            },
            null,
            Second,
            Second);

        _clock.Advance(Second * 5);

        Assert.Equal(["once"], _fired);
    }

    [Fact]
    public async Task CreateTimer_DueAtOnce_FiresWithoutAdvance()
    {
        var fired = new TaskCompletionSource();
        using ITimer timer = _clock.CreateTimer(_ => fired.SetResult(), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);

        await fired.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Delay_OnTheClock_EndsWhenTheClockSaysSo()
    {
        Task delay = Task.Delay(Second, _clock, TestContext.Current.CancellationToken);
        await _clock.WaitForTimersAsync(1);

        Assert.Equal(Second, _clock.NextDue);
        Assert.False(delay.IsCompleted);
        _clock.Advance(Second);

        await delay;
    }

    [Fact]
    public void Callback_UsingTheClockFromAnotherThread_IsNotLockedOut()
    {
        using ITimer timer = _clock.CreateTimer(
            _ =>
            {
                var other = new Thread(() => _clock.GetUtcNow());
                other.Start();
                Assert.True(other.Join(TimeSpan.FromSeconds(20)));
                _fired.Add("done");
            },
            null,
            Second,
            Timeout.InfiniteTimeSpan);

        _clock.Advance(Second);

        Assert.Equal(["done"], _fired);
    }

    private ITimer Timer(string name, TimeSpan due, TimeSpan? period = null)
    {
        DateTimeOffset start = new ManualTimeProvider().GetUtcNow();
        return _clock.CreateTimer(
            _ => _fired.Add($"{name}@{(_clock.GetUtcNow() - start).TotalSeconds}"), null, due, period ?? Timeout.InfiniteTimeSpan);
    }
}
