using NatsKv.Watching;

namespace NatsKv.Tests.Watching;

/// <summary>The end of the initial data where the message at the barrier doesn't come: it vanished, or matches no filter.</summary>
public sealed class WatchCursorIdleTests
{
    [Theory]
    [InlineData(0, 20, true)]
    [InlineData(0, 9, true)]
    [InlineData(0, 8, false)] // It has not looked as far as the barrier.
    [InlineData(1, 20, false)] // It has delivered what has not come yet.
    public void OnIdle_Table_CompletesAtTheBarrier(ulong delivered, ulong looked, bool completes)
    {
        WatchCursor cursor = Started(barrier: 9);

        Assert.Equal(completes, cursor.OnIdle(delivered, looked));

        Assert.Equal(completes, cursor.IsInitialDataComplete);
        Assert.Equal(completes ? (WatchPlan.FromSequence, looked + 1) : (WatchPlan.LatestOfEachKey, null), cursor.Start());
        Assert.Equal(!completes, cursor.OnIdle(0, 20));
    }

    [Theory]
    [InlineData(0, 9, 9, true)]
    [InlineData(0, 9, 10, false)] // Written since: it may be a key that was there.
    [InlineData(1, 9, 9, false)] // It has delivered what has not come yet.
    [InlineData(0, 8, 9, false)]
    public void Looked_ThenTheLeaderHasNothingNewer_Completes(ulong delivered, ulong looked, ulong newest, bool completes)
    {
        WatchCursor cursor = Started(barrier: 5);

        cursor.Looked(delivered, looked);

        Assert.Equal(completes, cursor.HasPassed(newest));
        Assert.Equal(completes, cursor.MoveBarrier(newest));
        Assert.Equal(completes ? (WatchPlan.FromSequence, looked + 1) : (WatchPlan.LatestOfEachKey, null), cursor.Start());
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)] // It has delivered what has not come yet.
    public void OnNothingPending_EverythingHasCome_Completes(ulong delivered, bool completes)
    {
        WatchCursor cursor = Started(barrier: 9);

        Assert.Equal(completes, cursor.OnNothingPending(delivered));
    }

    private static WatchCursor Started(ulong barrier)
    {
        var cursor = new WatchCursor(WatchPlan.LatestOfEachKey);
        Assert.False(cursor.OnConsumerCreated(0, barrier));
        return cursor;
    }
}
