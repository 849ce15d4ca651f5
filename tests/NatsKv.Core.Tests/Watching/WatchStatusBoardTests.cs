using NatsKv.JetStream;
using NatsKv.TestKit;
using NatsKv.Watching;

namespace NatsKv.Tests.Watching;

public sealed class WatchStatusBoardTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void SlowAnswerAndSlowReader_ProofIsOfTheMomentOfAsking()
    {
        WatchStatusBoard board = Following(7);
        _time.Advance(Interval);
        DateTimeOffset asked = _time.GetUtcNow();
        Assert.True(board.Tick());

        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.True(board.Answered(Answer(9)));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.NotNull(board.HandedOver(9, isComplete: true, isCaughtUp: true, 9, 9));
        board.Prove();

        Assert.Equal(asked, board.Status.LastProof);
        _time.Advance((asked + (Interval * WatchProof.GoodIntervals)) - _time.GetUtcNow() - TimeSpan.FromTicks(1));
        Assert.Equal(NatsKvWatchState.Following, board.Status.State);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(NatsKvWatchState.Recovering, board.Status.State);
    }

    [Fact]
    public void AnswerThatIsNotHandedOverEntirely_ProvesNothing()
    {
        WatchStatusBoard board = Following(7);
        DateTimeOffset proven = board.Status.LastProof!.Value;
        _time.Advance(Interval);
        Assert.True(board.Tick());
        Assert.True(board.Answered(Answer(9)));

        Assert.Null(board.HandedOver(8, isComplete: true, isCaughtUp: true, 8, 8));
        _time.Advance(Interval * 2);

        Assert.Equal(proven, board.Status.LastProof);
        Assert.Equal(NatsKvWatchState.Recovering, board.Status.State);
    }

    private static StreamInfoResponse Answer(ulong last) => new() { Created = DateTimeOffset.UnixEpoch, State = new StreamStateDocument { LastSequence = last } };

    private WatchStatusBoard Following(ulong last)
    {
        var board = new WatchStatusBoard("bucket", _time, Interval);
        board.Started(WatchMoment.Now(_time), Answer(last));
        Assert.NotNull(board.HandedOver(last, isComplete: true, isCaughtUp: true, (long)last, (long)last));
        board.Prove();
        Assert.Equal(NatsKvWatchState.Following, board.Status.State);
        return board;
    }
}
