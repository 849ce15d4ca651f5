using System.Text;
using NatsKv.JetStream;
using NatsKv.TestKit;
using NatsKv.Tests.Watching.Simulation;
using NatsKv.Watching;

namespace NatsKv.Tests.Watching;

/// <summary>A watch that starts from nothing, and what its consumer's replica hands over.</summary>
public sealed class StreamJudgeTests
{
    private readonly WatchCursor _cursor = new(WatchPlan.LatestOfEachKey);
    private ulong _delivered;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(">", false)]
    [InlineData("w*", false)]
    [InlineData(">", true)]
    [InlineData("w*", true)]
    public async Task Replicated_WhatTheLeaderRemovedBeforeIsHandedOver_EverythingIsVoid(string filter, bool keysCanExpire)
    {
        ViewedStream stream = new(keysCanExpire, filter) { IsReplicated = true };
        stream.Write("w1", isLive: true);
        stream.Purge();
        stream.Write("w2", isLive: true);
        StreamJudge judge = await StartAsync(stream, filter);

        Deliver(judge, "w1", 1);
        Deliver(judge, "w2", 2);

        Assert.False(judge.Proves(stream.Info));
        Assert.Equal(Continuity.Void, await judge.StillHoldsAsync(stream.Info, Ct));
    }

    [Theory]
    [InlineData("w*", false)]
    [InlineData(">", true)]
    [InlineData("w*", true)]
    public async Task Replicated_WhatTheLeaderHasIsHandedOver_ItsNamesProveIt(string filter, bool keysCanExpire)
    {
        ViewedStream stream = new(keysCanExpire, filter) { IsReplicated = true };
        stream.Write("w1", isLive: true);
        StreamJudge judge = await StartAsync(stream, filter);

        Deliver(judge, "w1", 1);

        Assert.False(judge.Proves(stream.Info));
        Assert.Equal(Continuity.Same, await judge.StillHoldsAsync(stream.Info, Ct));
        Assert.True(judge.Proves(stream.Info));
        Assert.Equal(1, stream.Looks);
    }

    [Fact]
    public async Task Replicated_AllKeysOfABucketWithoutExpiry_TheirNumberProvesIt()
    {
        ViewedStream stream = new(keysCanExpire: false, ">") { IsReplicated = true };
        stream.Write("w1", isLive: true);
        stream.Write("w2", isLive: false);
        StreamJudge judge = await StartAsync(stream, ">");

        Deliver(judge, "w1", 1);
        Deliver(judge, "w2", 2, NatsKvOperation.Delete);

        Assert.True(judge.Proves(stream.Info));
    }

    [Theory]
    [InlineData(">")]
    [InlineData("w*")]
    public async Task OneServer_CanNotLagBehindItself_NoNamesAreRead(string filter)
    {
        ViewedStream stream = new(keysCanExpire: true, filter);
        stream.Write("w1", isLive: true);
        StreamJudge judge = await StartAsync(stream, filter);

        Deliver(judge, "w1", 1);

        Assert.True(judge.Proves(stream.Info));
        Assert.Equal(0, stream.Looks);
    }

    [Theory]
    [InlineData(">", false)]
    [InlineData("w*", false)]
    [InlineData(">", true)]
    [InlineData("w*", true)]
    public async Task WhatWasPurgedIsBackAfterACrash_EverythingIsVoid(string filter, bool keysCanExpire)
    {
        ViewedStream stream = new(keysCanExpire, filter);
        stream.Write("w1", isLive: true);
        stream.Purge();
        stream.Write("w2", isLive: true);
        StreamJudge judge = await StartAsync(stream, filter);
        Deliver(judge, "w2", 2, time: stream.Now);
        Assert.True(judge.Proves(stream.Info));

        stream.ComesBack("w1", 1);
        judge.Interrupted();
        Assert.True(await judge.AcceptsAsync(stream.Info, Ct));

        Assert.False(judge.Proves(stream.Info));
        Assert.Equal(Continuity.Void, await judge.StillHoldsAsync(stream.Info, Ct));
    }

    [Fact]
    public async Task WhatWasPurgedIsBackAfterACrash_AsManyWereOverwritten_TheNumberOfKeysTells()
    {
        ViewedStream stream = new(keysCanExpire: false, ">");
        stream.Write("w1", isLive: true);
        stream.Purge();
        stream.Write("w2", isLive: true);
        StreamJudge judge = await StartAsync(stream, ">");
        Deliver(judge, "w2", 2, time: stream.Now);
        Assert.True(judge.Proves(stream.Info));

        stream.ComesBack("w1", 1);
        stream.Write("w2", isLive: true);
        judge.Interrupted();
        Assert.True(await judge.AcceptsAsync(stream.Info, Ct));
        Deliver(judge, "w2", 3, time: stream.Now);

        Assert.False(judge.Proves(stream.Info));
        Assert.Equal(Continuity.Void, await judge.StillHoldsAsync(stream.Info, Ct));
    }

    [Fact]
    public async Task NewKeyIsNamedBeforeItIsHandedOver_NothingIsVoid()
    {
        ViewedStream stream = new(keysCanExpire: true, ">");
        stream.Write("w1", isLive: true);
        StreamJudge judge = await StartAsync(stream, ">");
        Deliver(judge, "w1", 1, time: stream.Now);
        judge.Interrupted();
        Assert.True(await judge.AcceptsAsync(stream.Info, Ct));

        stream.Write("w2", isLive: true);

        Assert.Equal(Continuity.Same, await judge.StillHoldsAsync(stream.Info, Ct));
    }

    private async Task<StreamJudge> StartAsync(ViewedStream stream, string filter)
    {
        var judge = new StreamJudge(stream, new ManualTimeProvider(), WatchPlan.From(new NatsKvWatchOptions()) with { Filters = [filter] }, _cursor);
        Assert.True(await judge.AcceptsAsync(stream.Info, Ct));
        _cursor.OnConsumerCreated(0, stream.Newest());
        return judge;
    }

    private void Deliver(StreamJudge judge, string key, ulong sequence, NatsKvOperation operation = NatsKvOperation.Put, DateTimeOffset? time = null)
    {
        long nanoseconds = ((time ?? DateTimeOffset.UnixEpoch.AddDays(1)) - DateTimeOffset.UnixEpoch).Ticks * 100;
        Assert.True(_cursor.Accept(++_delivered, sequence));
        _cursor.CompletesInitialData();
        Assert.True(AckSubject.TryParse(Encoding.ASCII.GetBytes($"$JS.ACK.s.c.1.{sequence}.{_delivered}.{nanoseconds}.0"), out AckSubject ack));
        judge.Delivered(ack, key, operation);
    }
}
