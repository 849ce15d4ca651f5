using NatsKv.JetStream;
using NatsKv.Watching;

namespace NatsKv.Tests.Watching;

public sealed class WatchProofTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly DateTimeOffset Created = DateTimeOffset.UnixEpoch;

    [Fact]
    public void Proof_IsOfTheMomentOfAsking()
    {
        var proof = new WatchProof(Interval);
        proof.Started(At(0), Answer(7));

        Assert.Null(proof.HandedOver(6, null));
        Assert.NotNull(proof.HandedOver(7, null));
        Assert.Null(proof.Last);
        proof.Hold();

        Assert.Equal(At(0), proof.Last);
        Assert.True(proof.IsFreshAt(At(14.9)));
        Assert.False(proof.IsFreshAt(At(15)));
    }

    [Fact]
    public void Proof_IsSatisfiedOnlyByWhatTheAnswerNames()
    {
        var proof = new WatchProof(Interval);
        Prove(proof, 0, 7);

        proof.Asked(At(5), 7);
        Assert.Null(proof.HandedOver(100, null));
        Assert.True(proof.Answered(Answer(9)));

        Assert.Null(proof.HandedOver(8, null));
        Assert.Equal(At(0), proof.Last);
        Assert.NotNull(proof.HandedOver(9, null));
        proof.Hold();
        Assert.Equal(At(5), proof.Last);
    }

    [Fact]
    public void Question_OneAtATimeAndOneInAnInterval()
    {
        var proof = new WatchProof(Interval);
        proof.Started(At(0), Answer(7));
        Assert.False(proof.IsDueAt(At(100)));

        proof.HandedOver(7, null);
        proof.Hold();

        Assert.False(proof.IsDueAt(At(2)));
        Assert.True(proof.IsDueAt(At(4.99)));
        proof.Asked(At(5), 7);
        Assert.False(proof.IsDueAt(At(100)));
        proof.Answered(Answer(8));
        Assert.False(proof.IsDueAt(At(100)));
    }

    [Fact]
    public void Question_Unanswered_IsAskedAgainOnce()
    {
        var proof = new WatchProof(Interval);
        Prove(proof, 0, 7);

        proof.Asked(At(5), 7);
        Assert.True(proof.Unanswered());
        Assert.True(proof.IsDueAt(At(10)));
        proof.Asked(At(10), 7);
        Assert.False(proof.Unanswered());
        Assert.False(proof.IsFreshAt(At(15)));
    }

    [Fact]
    public void Question_AnsweredInBetween_ForgivesAnotherSilence()
    {
        var proof = new WatchProof(Interval);
        Prove(proof, 0, 7);
        proof.Asked(At(5), 7);
        proof.Unanswered();
        proof.Asked(At(10), 7);
        proof.Answered(Answer(7));
        proof.HandedOver(7, null);
        proof.Hold();

        proof.Asked(At(15), 7);

        Assert.True(proof.Unanswered());
    }

    [Theory]
    [InlineData(0, 7, true)]
    [InlineData(0, 6, false)] // Set back.
    [InlineData(1, 100, false)] // Another stream.
    public void Answer_MustBeOfTheSameStreamThatHasAllThatWasHandedOverBefore(int secondsLater, ulong last, bool isSound)
    {
        var proof = new WatchProof(Interval);
        Prove(proof, 0, 7);
        proof.Asked(At(5), 7);

        Assert.Equal(isSound, proof.Answered(Answer(last, Created.AddSeconds(secondsLater))));
    }

    [Fact]
    public void Answer_OlderThanWhatCameMeanwhile_IsSound()
    {
        var proof = new WatchProof(Interval);
        Prove(proof, 0, 7);
        proof.Asked(At(5), 7);

        // Written and handed over between the answer and its arrival.
        Assert.True(proof.Answered(Answer(7)));
        Assert.NotNull(proof.HandedOver(9, null));
    }

    [Fact]
    public void ExpectsMore_FromTheAnswerUntilItIsSatisfied()
    {
        var proof = new WatchProof(Interval);
        Prove(proof, 0, 7);
        Assert.False(proof.ExpectsMoreThan(6));

        proof.Asked(At(5), 7);
        Assert.False(proof.ExpectsMoreThan(7));
        proof.Answered(Answer(9));

        Assert.True(proof.ExpectsMoreThan(8));
        Assert.False(proof.ExpectsMoreThan(9));
        proof.HandedOver(9, null);
        Assert.False(proof.ExpectsMoreThan(8));
    }

    [Fact]
    public void InitialData_Complete_IsTheProofWhateverTheLastSequenceMatches()
    {
        var proof = new WatchProof(Interval);
        proof.Started(At(0), Answer(1000));
        Assert.Null(proof.HandedOver(3, null));

        // Hydrating took long, and the barrier was asked for anew.
        Assert.NotNull(proof.HandedOver(4, At(60)));
        proof.Hold();

        Assert.Equal(At(60), proof.Last);
    }

    [Fact]
    public void Abandoned_ProvesNothing()
    {
        var proof = new WatchProof(Interval);
        Prove(proof, 0, 7);
        proof.Asked(At(5), 7);
        proof.Answered(Answer(8));

        proof.Abandon();

        Assert.Null(proof.HandedOver(8, null));
        Assert.Equal(At(0), proof.Last);
    }

    [Fact]
    public void MachineSlept_ProofIsOld()
    {
        var proof = new WatchProof(Interval);
        Prove(proof, 0, 7);

        // The clock that never jumps stands still while a machine is suspended.
        Assert.False(proof.IsFreshAt(At(1) with { Time = At(3600).Time }));
        Assert.False(proof.IsFreshAt(At(3600) with { Time = At(1).Time }));
    }

    private static void Prove(WatchProof proof, double at, ulong last)
    {
        proof.Started(At(at), Answer(last));
        proof.HandedOver(last, null);
        proof.Hold();
    }

    private static WatchMoment At(double seconds) => new(TimeSpan.FromSeconds(seconds), DateTimeOffset.UnixEpoch.AddSeconds(seconds));

    private static StreamInfoResponse Answer(ulong last, DateTimeOffset? created = null) =>
        new() { Created = created ?? Created, State = new StreamStateDocument { LastSequence = last } };
}
