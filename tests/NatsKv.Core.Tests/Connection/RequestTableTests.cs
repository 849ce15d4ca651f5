using System.Text;
using NatsKv.Connection;
using NatsKv.TestKit;
using NatsKv.Transport;
using NatsKv.TransportContract;
using NatsKv.Wire;

namespace NatsKv.Tests.Connection;

public sealed class RequestTableTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);
    private static readonly NatsSubject Subject = new("some.", "subject");

    private readonly ManualTimeProvider _time = new();
    private readonly RequestTable _table;

    public RequestTableTests() => _table = new RequestTable(_time, Timeout);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _table.Dispose();

    [Fact]
    public async Task Deliver_TheTokensReply_CompletesTheRequest()
    {
        (Task<NatsMessage> reply, RequestToken token) = Begin(Ct);

        Assert.Null(Deliver(token, "payload"));

        using NatsMessage message = await reply;
        Assert.Equal("payload", Encoding.ASCII.GetString(message.Payload.Span));
    }

    [Fact]
    public async Task Deliver_StaleToken_NeverCompletesALaterUse()
    {
        (Task<NatsMessage> first, RequestToken old) = Begin(Ct);
        Deliver(old, "first");
        (await first).Dispose();
        (Task<NatsMessage> second, RequestToken token) = Begin(Ct);

        Deliver(old, "late");
        Assert.Equal(old.Slot, token.Slot);
        Assert.False(second.IsCompleted);

        Deliver(token, "second");
        using NatsMessage message = await second;
        Assert.Equal("second", Encoding.ASCII.GetString(message.Payload.Span));
    }

    [Theory]
    [InlineData(0, 0u)]
    [InlineData(1, 1u)]
    [InlineData(-1, 1u)]
    [InlineData(int.MaxValue, 1u)]
    [InlineData(0, uint.MaxValue)]
    public void Deliver_TokenThatNobodyHas_IsPassedOver(int slot, uint generation)
    {
        (Task<NatsMessage> reply, _) = Begin(Ct);

        Assert.Null(Deliver(new RequestToken(slot, generation), "x"));

        Assert.False(reply.IsCompleted);
    }

    [Fact]
    public async Task Cancellation_EndsTheRequestWithItsToken()
    {
        using var cancellation = new CancellationTokenSource();
        (Task<NatsMessage> reply, RequestToken token) = Begin(cancellation.Token);

        await cancellation.CancelAsync();
        Deliver(token, "late");

        Assert.Equal(cancellation.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reply)).CancellationToken);
    }

    [Fact]
    public async Task Begin_TokenCancelledAlready_EndsAtOnce()
    {
        (Task<NatsMessage> reply, _) = Begin(new CancellationToken(canceled: true));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reply);
    }

    [Fact]
    public async Task Sweep_TimeIsUp_EndsTheRequestNamingSubjectAndTime()
    {
        (Task<NatsMessage> reply, _) = Begin(Ct);
        _time.Advance(Timeout - TimeSpan.FromMilliseconds(1));
        Assert.False(reply.IsCompleted);

        _time.Advance(Timeout / 10);

        NatsKvTimeoutException thrown = await Assert.ThrowsAsync<NatsKvTimeoutException>(() => reply);
        Assert.Contains("'some.subject' within 1 s", thrown.Message, StringComparison.Ordinal);
        Assert.Equal(Timeout, thrown.Timeout);
    }

    [Fact]
    public async Task Sweep_NobodyWaits_StopsAndStartsAgain()
    {
        Assert.Equal(0, _time.ActiveTimers);
        for (int round = 0; round < 3; round++)
        {
            (Task<NatsMessage> reply, RequestToken token) = Begin(Ct);
            Assert.Equal(1, _time.ActiveTimers);
            Deliver(token, "x");
            (await reply).Dispose();

            _time.Advance(Timeout / 10);
            Assert.Equal(0, _time.ActiveTimers);
        }

        (Task<NatsMessage> last, _) = Begin(Ct);
        _time.Advance(Timeout + (Timeout / 10));
        await Assert.ThrowsAsync<NatsKvTimeoutException>(() => last);
        _time.Advance(Timeout / 10);
        Assert.Equal(0, _time.ActiveTimers);
    }

    [Fact]
    public async Task FailAll_OneSubject_LeavesTheOthersAlone()
    {
        (Task<NatsMessage> reply, _) = Begin(Ct);
        var other = new HandledReply();
        _table.Begin(new NatsSubject("other"), other, Ct);

        _table.FailAll(static subject => subject.ToString() == "some.subject" ? new NatsKvException("denied") : null);

        Assert.Equal("denied", (await Assert.ThrowsAsync<NatsKvException>(() => reply)).Message);
        Assert.False(other.Task.IsCompleted);
    }

    [Fact]
    public async Task Stream_RepliesUntilItsEnd_GoToTheInbox()
    {
        RequestToken token = _table.BeginStream(Subject, 1000, out Inbox inbox);

        Assert.Same(inbox, Deliver(token, "1"));
        Assert.Same(inbox, Deliver(token, "2"));
        Assert.Null(Deliver(token with { Generation = token.Generation + 1 }, "x"));
        Assert.True(inbox.TryRead(out NatsMessage message));
        Assert.Equal("1", Encoding.ASCII.GetString(message.Payload.Span));
        Assert.True(inbox.TryRead(out message));
        Assert.False(inbox.TryRead(out _));
        await inbox.DisposeAsync();

        Assert.Null(Deliver(token, "3"));
        Assert.Equal(token.Slot, Begin(Ct).Token.Slot);
    }

    [Fact]
    public async Task Stream_ConnectionLost_ReaderGetsWhatCameAndThenTheError()
    {
        RequestToken token = _table.BeginStream(Subject, 1000, out Inbox inbox);
        await using Inbox disposal = inbox;
        Deliver(token, "1");

        _table.FailAll(static _ => new NatsKvException("lost"));

        Assert.True(await inbox.WaitToReadAsync(Ct));
        Assert.True(inbox.TryRead(out _));
        Assert.Equal("lost", (await Assert.ThrowsAsync<NatsKvException>(async () => await inbox.WaitToReadAsync(Ct))).Message);
    }

    [Fact]
    public async Task Wait_ReplyOrErrorOrCancellation_EndsTheBlockedThread()
    {
        using var cancellation = new CancellationTokenSource();
        (Task<string> replied, RequestToken repliedToken) = BeginBlocking(Subject, Ct);
        (Task<string> failed, _) = BeginBlocking(new NatsSubject("fails"), Ct);
        (Task<string> cancelled, _) = BeginBlocking(Subject, cancellation.Token);

        Deliver(repliedToken, "payload");
        _table.FailAll(static subject => subject.ToString() == "fails" ? new NatsKvException("lost") : null);
        await cancellation.CancelAsync();

        Assert.Equal("payload", await replied);
        Assert.Equal("lost", (await Assert.ThrowsAsync<NatsKvException>(() => failed)).Message);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
    }

    [Fact]
    public async Task Wait_NoReply_TimesOut()
    {
        using var table = new RequestTable(TimeProvider.System, TimeSpan.FromMilliseconds(50));
        RequestToken token = default;

        Task<NatsMessage> waiting = BlockingCalls.OnOwnThread(() =>
        {
            BlockingReply reply = BlockingReply.ForThisThread();
            token = table.BeginBlocking(Subject, reply);
            return table.Wait(token, Subject, reply, TimeSpan.FromMilliseconds(50), Ct);
        });

        await Assert.ThrowsAsync<NatsKvTimeoutException>(() => waiting);
        Assert.Equal(token.Slot, table.Begin(Subject, new HandledReply(), Ct).Slot);
    }

    private (Task<NatsMessage> Reply, RequestToken Token) Begin(CancellationToken cancellationToken)
    {
        var reply = new HandledReply();
        RequestToken token = _table.Begin(Subject, reply, cancellationToken);
        return (reply.Task, token);
    }

    private (Task<string> Reply, RequestToken Token) BeginBlocking(NatsSubject subject, CancellationToken cancellationToken)
    {
        RequestToken token = default;
        using var begun = new ManualResetEventSlim();
        Task<string> reply = BlockingCalls.OnOwnThread(() =>
        {
            BlockingReply own = BlockingReply.ForThisThread();
            token = _table.BeginBlocking(subject, own);
            begun.Set();
            using NatsMessage message = _table.Wait(token, subject, own, TimeSpan.FromMinutes(1), cancellationToken);
            return Encoding.ASCII.GetString(message.Payload.Span);
        });
        begun.Wait(Ct);
        return (reply, token);
    }

    private Inbox? Deliver(RequestToken token, string payload) =>
        _table.Deliver(token, new Frame { Kind = FrameKind.Message, Payload = Encoding.ASCII.GetBytes(payload) });
}
