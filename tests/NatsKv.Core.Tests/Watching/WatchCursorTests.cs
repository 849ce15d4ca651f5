using NatsKv.Watching;

namespace NatsKv.Tests.Watching;

public sealed class WatchCursorTests
{
    private static readonly DateTimeOffset Created = DateTimeOffset.UnixEpoch;

    [Theory]
    [InlineData(WatchPlan.LatestOfEachKey, false)]
    [InlineData(WatchPlan.Everything, false)]
    [InlineData(WatchPlan.NewOnly, true)]
    public void New_StartsAsTheOptionsSay(string policy, bool isComplete)
    {
        var cursor = new WatchCursor(policy);

        Assert.Equal((policy, null), cursor.Start());
        Assert.Equal((null, isComplete), (cursor.Position, cursor.IsInitialDataComplete));
    }

    [Fact]
    public void Start_AfterADelivery_IsRightBehindIt()
    {
        WatchCursor cursor = Started(barrier: 9);
        Assert.True(cursor.Accept(1, 5));

        Assert.Equal(("by_start_sequence", 6UL), cursor.Start());
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(0, false)]
    public void Accept_ConsumerSequence_MustBeTheNext(ulong consumerSequence, bool accepted)
    {
        WatchCursor cursor = Started(barrier: 9);

        Assert.Equal(accepted, cursor.Accept(consumerSequence, 5));
        Assert.Equal(accepted ? 5UL : null, cursor.Position);
    }

    [Fact]
    public void Accept_NewConsumer_CountsFromOneAgain()
    {
        WatchCursor cursor = Started(barrier: 9);
        cursor.Accept(1, 5);

        cursor.OnConsumerCreated(5, 9);

        Assert.False(cursor.Accept(2, 6));
        Assert.True(cursor.Accept(1, 6));
    }

    [Fact]
    public void InitialData_EmptyBucket_IsCompleteAtOnceAndAnchored()
    {
        var cursor = new WatchCursor(WatchPlan.LatestOfEachKey);

        Assert.True(cursor.OnConsumerCreated(17, null));
        Assert.Equal(("by_start_sequence", 18UL), cursor.Start());
        Assert.False(cursor.OnConsumerCreated(17, null));
    }

    [Fact]
    public void InitialData_BelowTheBarrier_IsNotComplete()
    {
        // A replica that is behind has nothing more to give, yet.
        WatchCursor cursor = Started(barrier: 9, due: 2);
        cursor.Accept(1, 5);

        Assert.False(cursor.CompletesInitialData());
        Assert.False(cursor.NeedsBarrier);
        cursor.Accept(2, 9);
        Assert.True(cursor.CompletesInitialData());
        Assert.False(cursor.CompletesInitialData());
    }

    [Theory]
    [InlineData(null, 9, true)] // Nobody knows how many are due.
    [InlineData(3, 9, true)] // One has been rewritten meanwhile.
    [InlineData(2, 10, true)] // The newest itself has.
    [InlineData(2, 9, false)]
    public void InitialData_BarrierReached_LeaderIsAskedUnlessAllCame(int? due, int last, bool asks)
    {
        WatchCursor cursor = Started(barrier: 9, (ulong?)due);
        cursor.Accept(1, 5);
        cursor.CompletesInitialData();
        cursor.Accept(2, (ulong)last);

        Assert.Equal(!asks, cursor.CompletesInitialData());
        Assert.Equal(asks, cursor.NeedsBarrier);
        Assert.Equal(asks, cursor.MoveBarrier((ulong)last));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void InitialData_RoundOfWhichOneMessageIsMissing_IsFollowedByAnother(bool isOneMissing, bool completes)
    {
        WatchCursor cursor = Started(barrier: 5);
        cursor.Accept(1, 6);
        Assert.False(cursor.CompletesInitialData());
        Assert.True(cursor.NeedsBarrier);
        Assert.False(cursor.MoveBarrier(8));
        Assert.False(cursor.NeedsBarrier);
        ulong consumed = 1;
        if (!isOneMissing)
        {
            cursor.Accept(++consumed, 7);
            Assert.False(cursor.CompletesInitialData());
        }

        cursor.Accept(++consumed, 8);

        Assert.Equal(completes, cursor.CompletesInitialData());
        Assert.Equal(!completes, cursor.NeedsBarrier);
    }

    [Fact]
    public void InitialData_ConstantWrites_CompleteAfterSixteenRounds()
    {
        WatchCursor cursor = Started(barrier: 1);
        int rounds = 0;
        ulong sequence = 0;
        for (ulong consumed = 1; ; consumed++)
        {
            sequence += 2;
            cursor.Accept(consumed, sequence);
            if (cursor.CompletesInitialData())
            {
                break;
            }

            Assert.True(cursor.NeedsBarrier);
            Assert.False(cursor.MoveBarrier(sequence + 1));
            rounds++;
        }

        Assert.Equal(16, rounds);
    }

    [Fact]
    public void InitialData_LeaderAskedAgainOnlyBecauseNothingCame_CountsAsNoRound()
    {
        // A consumer that starts slowly: the leader is asked every quarter of a second, long before the barrier is reached.
        WatchCursor cursor = Started(barrier: 5);
        for (int i = 0; i < 10; i++)
        {
            Assert.False(cursor.MoveBarrier(5));
        }

        cursor.Accept(1, 6);

        Assert.False(cursor.CompletesInitialData());
        Assert.True(cursor.NeedsBarrier);
    }

    [Fact]
    public void InitialData_BarrierVanished_IsFoundOutByAskingAgain()
    {
        WatchCursor cursor = Started(barrier: 9);
        cursor.Accept(1, 5);

        Assert.True(cursor.MoveBarrier(5));
        Assert.False(cursor.MoveBarrier(5));
    }

    [Fact]
    public void InitialData_ConsumerLostBeforeItsEnd_KeepsTheBarrier()
    {
        WatchCursor cursor = Started(barrier: 9);
        cursor.Accept(1, 5);

        Assert.False(cursor.OnConsumerCreated(5, 7));
        cursor.Accept(1, 7);
        Assert.False(cursor.CompletesInitialData());
        Assert.False(cursor.NeedsBarrier);
        cursor.Accept(2, 9);
        Assert.False(cursor.CompletesInitialData());
        Assert.True(cursor.MoveBarrier(9));
    }

    [Fact]
    public void UpdatesOnly_ConsumerLostBeforeTheFirstMessage_ResumesWhereItWouldHaveBegun()
    {
        var cursor = new WatchCursor(WatchPlan.NewOnly);

        Assert.False(cursor.OnConsumerCreated(17, null));

        Assert.Equal(("by_start_sequence", 18UL), cursor.Start());
    }

    [Theory]
    [InlineData(0, 20, false, true, 17)] // Others' keys were passed over.
    [InlineData(0, 5, false, true, 17)]
    [InlineData(0, 20, true, true, 17)] // It may have looked at what it couldn't send.
    [InlineData(1, 20, false, false, 17)]
    public void OnHeartbeat_Table_IsHeeded(ulong delivered, ulong looked, bool isStalled, bool isSound, ulong positionBefore)
    {
        var cursor = new WatchCursor(WatchPlan.NewOnly);
        cursor.OnConsumerCreated(positionBefore, null);

        Assert.Equal(isSound, cursor.OnHeartbeat(delivered, looked, isStalled));

        Assert.Equal(isSound && !isStalled ? Math.Max(positionBefore, looked) : positionBefore, cursor.Position);
    }

    [Fact]
    public void OnHeartbeat_BeforeTheEndOfTheInitialData_MovesNothing()
    {
        WatchCursor cursor = Started(barrier: 9);

        Assert.True(cursor.OnHeartbeat(0, 20, isStalled: false));

        Assert.Null(cursor.Position);
    }

    [Theory]
    [InlineData(0, 9, true)]
    [InlineData(0, 100, true)]
    [InlineData(0, 8, false)] // Set back.
    [InlineData(1, 100, false)] // Made anew.
    public void Recognize_StreamThatWasFollowed_IsTheSameWhileItsIdentityAndLengthAre(int secondsLater, ulong lastSequence, bool isSame)
    {
        WatchCursor cursor = Started(barrier: 9);
        cursor.Accept(1, 9);
        cursor.MoveBarrier(9);

        Assert.Equal(isSame, cursor.Recognize(Created.AddSeconds(secondsLater), lastSequence));

        Assert.Equal(isSame, cursor.IsInitialDataComplete);
        Assert.Equal(isSame ? ("by_start_sequence", 10UL) : (WatchPlan.LatestOfEachKey, null), cursor.Start());
        Assert.True(cursor.Recognize(Created.AddSeconds(secondsLater), lastSequence));
    }

    [Fact]
    public void Recognize_AnotherStreamForAWatchOfUpdates_GivesItsContent()
    {
        var cursor = new WatchCursor(WatchPlan.NewOnly);
        cursor.Recognize(Created, 5);
        cursor.OnConsumerCreated(5, null);

        Assert.False(cursor.Recognize(Created.AddDays(1), 100));

        Assert.Equal((WatchPlan.LatestOfEachKey, null), cursor.Start());
        Assert.False(cursor.IsInitialDataComplete);
    }

    [Fact]
    public void FromRevision_BucketThatHasComeThatFar_StartsThere()
    {
        var cursor = new WatchCursor(WatchPlan.FromSequence, 5);

        Assert.True(cursor.Recognize(Created, 4));
        Assert.Equal((WatchPlan.FromSequence, 5UL), cursor.Start());
        Assert.False(cursor.IsInitialDataComplete);
        Assert.True(cursor.OnConsumerCreated(4, 4));
    }

    [Fact]
    public void FromRevision_BucketThatHasNotComeThatFar_GivesItsContent()
    {
        var cursor = new WatchCursor(WatchPlan.FromSequence, 6);

        Assert.False(cursor.Recognize(Created, 4));

        Assert.Equal((WatchPlan.LatestOfEachKey, null), cursor.Start());
        Assert.True(cursor.Recognize(Created, 4));
    }

    [Fact]
    public void HotKey_RewrittenAllTheTime_IsAmongTheInitialData()
    {
        // One key is rewritten every 20 steps, the others in turn at half our speed: each round the gap to the newest halves.
        const ulong Keys = 1000;
        WatchCursor cursor = Started(barrier: Keys);
        var stream = new Queue<(ulong Sequence, bool IsHot)>(Enumerable.Range(1, (int)Keys).Select(static i => ((ulong)i, i == 1)));
        ulong last = Keys;
        ulong hottest = Keys + 1;
        ulong consumed = 0;
        bool seen = false;
        stream.Dequeue();
        stream.Enqueue((++last, true));
        for (int step = 1; !cursor.IsInitialDataComplete; step++)
        {
            bool isHot = step % 20 == 0;
            stream.Enqueue((++last, isHot));
            hottest = isHot ? last : hottest;
            for (int i = 0; i < 2 && !cursor.IsInitialDataComplete && stream.TryDequeue(out (ulong Sequence, bool IsHot) next); i++)
            {
                if (next.IsHot && next.Sequence != hottest)
                {
                    continue;
                }

                Assert.True(cursor.Accept(++consumed, next.Sequence));
                seen |= next.IsHot;
                cursor.CompletesInitialData();
                if (cursor.NeedsBarrier)
                {
                    cursor.MoveBarrier(last);
                }
            }
        }

        Assert.True(seen, "Complete without the key that was rewritten all the time.");
    }

    private static WatchCursor Started(ulong barrier, ulong? due = null)
    {
        var cursor = new WatchCursor(WatchPlan.LatestOfEachKey);
        Assert.True(cursor.Recognize(Created, 1));
        Assert.False(cursor.OnConsumerCreated(0, barrier, due));
        return cursor;
    }
}
