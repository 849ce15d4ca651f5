using System.Collections.Concurrent;
using NatsKv.Connection;
using NatsKv.TestKit;
using NatsKv.Transport;
using NatsKv.TransportContract;
using NatsKv.Wire;

namespace NatsKv.Tests.Connection;

/// <summary>Replies, stale replies, cancellations, deadlines and lost connections meet the same requests: each ends once, with what is its own.</summary>
public sealed class RequestTableStressTests : IDisposable
{
    private const int Callers = 4;
    private static readonly TimeSpan TableTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly NatsSubject Subject = new("subject");

    private readonly ManualTimeProvider _time = new();
    private readonly long _start = TimeProvider.System.GetTimestamp();
    private readonly RequestTable _table;
    private readonly BlockingCollection<RequestToken> _sent = [];
    private readonly BlockingCollection<CancellationTokenSource> _toCancel = [];
    private readonly ConcurrentQueue<HandledReply> _handlers = [];
    private int _replied;
    private int _failed;
    private int _cancelled;
    private int _timedOut;

    public RequestTableStressTests() => _table = new RequestTable(_time, TableTimeout);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // The thread that brings one of them about may get no processor while all the others do.
    private bool HasSeenEveryEnd => Volatile.Read(ref _replied) > 0 && Volatile.Read(ref _failed) > 0 && Volatile.Read(ref _cancelled) > 0;

    // With one processor for all these threads every answer takes milliseconds: then fewer calls have to do.
    private bool IsLate => TimeProvider.System.GetElapsedTime(_start) > TimeSpan.FromSeconds(20);

    public void Dispose()
    {
        _table.Dispose();
        _sent.Dispose();
        _toCancel.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EveryEnd_AtOnce_EachRequestEndsOnceAndNothingLeaks(bool blocking)
    {
        const int Calls = 8_000;
        using var stopping = new CancellationTokenSource();
        Task[] others =
        [
            BlockingCalls.OnOwnThread(() => Reply(new Random(91))),
            BlockingCalls.OnOwnThread(CancelAll),
            BlockingCalls.OnOwnThread(() => Until(FailAllNowAndThen, stopping.Token)),
            BlockingCalls.OnOwnThread(() => Until(() => _time.Advance(TimeSpan.FromMilliseconds(300)), stopping.Token)),
        ];

        Task<int>[] callers =
        [
            .. Enumerable.Range(0, Callers).Select(caller => blocking
                ? BlockingCalls.OnOwnThread(() => CallBlocking(new Random(caller), Calls))
                : Task.Run(() => CallAsync(new Random(caller), Calls), Ct)),
        ];
        int calls = (await Task.WhenAll(callers).WaitAsync(Patience, Ct)).Sum();
        await stopping.CancelAsync();
        _sent.CompleteAdding();
        _toCancel.CompleteAdding();
        await Task.WhenAll(others).WaitAsync(Patience, Ct);

        Assert.Equal(calls, _replied + _failed + _cancelled + _timedOut);
        Assert.True(HasSeenEveryEnd, $"{_replied} replied, {_failed} failed, {_cancelled} cancelled, {_timedOut} timed out");
        Assert.All(_handlers, static handler => Assert.Equal(1, handler.Outcomes));
        Assert.All(
            Enumerable.Range(0, Callers).Select(_ => _table.Begin(Subject, new HandledReply(), CancellationToken.None)),
            static token => Assert.InRange(token.Slot, 0, Callers - 1));
    }

    [Fact]
    public async Task Begin_WhileConnectionsAreLost_IsEndedByOneOrTheOther()
    {
        using var stopping = new CancellationTokenSource();
        Task failing = BlockingCalls.OnOwnThread(() => Until(() => _table.FailAll(static _ => new NatsKvException("lost")), stopping.Token));

        int forgotten = await BlockingCalls.OnOwnThread(() =>
        {
            int forgotten = 0;
            for (int i = 0; i < 30_000; i++)
            {
                var reply = new HandledReply();
                RequestToken token = _table.Begin(Subject, reply, CancellationToken.None);

                // As a sender does when it finds the connection closed.
                _table.Fail(token, new NatsKvException("closed"));
                forgotten += SpinWait.SpinUntil(() => reply.Task.IsCompleted, TimeSpan.FromSeconds(10)) ? 0 : 1;
                _ = reply.Task.Exception;
            }

            return forgotten;
        }).WaitAsync(Patience, Ct);
        await stopping.CancelAsync();
        await failing;

        Assert.Equal(0, forgotten);
    }

    [Fact]
    public async Task BeginBlocking_WhileConnectionsAreLost_IsEndedByOneOrTheOther()
    {
        using var stopping = new CancellationTokenSource();
        Task failing = BlockingCalls.OnOwnThread(() => Until(() => _table.FailAll(static _ => new NatsKvException("lost")), stopping.Token));

        int ended = await BlockingCalls.OnOwnThread(() =>
        {
            int ended = 0;
            for (int i = 0; i < 30_000; i++)
            {
                BlockingReply reply = BlockingReply.ForThisThread();
                RequestToken token = _table.BeginBlocking(Subject, reply);
                _table.Fail(token, new NatsKvException("closed"));
                Assert.Throws<NatsKvException>(() => _table.Wait(token, Subject, reply, TableTimeout, CancellationToken.None));
                ended++;
            }

            return ended;
        }).WaitAsync(Patience, Ct);
        await stopping.CancelAsync();
        await failing;

        Assert.Equal(30_000, ended);
    }

    [Fact]
    public async Task Idle_AfterTheStress_NoTimerRuns()
    {
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(new Random(caller), 1000, cancelAlways: true), Ct))).WaitAsync(Patience, Ct);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(0, _time.ActiveTimers);
    }

    private bool CancelAll()
    {
        foreach (CancellationTokenSource cancellation in _toCancel.GetConsumingEnumerable(Ct))
        {
            cancellation.Cancel();
        }

        return true;
    }

    private void FailAllNowAndThen()
    {
        Thread.SpinWait(20_000);
        _table.FailAll(static _ => new NatsKvException("lost"));
    }

    // Answers in another order than asked, some twice, some never, some late.
    private bool Reply(Random random)
    {
        var kept = new List<RequestToken>();
        foreach (RequestToken token in _sent.GetConsumingEnumerable(Ct))
        {
            if (random.Next(4) > 0)
            {
                Deliver(token);
            }

            kept.Add(token);
            if (kept.Count == 16)
            {
                kept.ForEach(Deliver);
                kept.Clear();
            }
        }

        return true;
    }

    private void Deliver(RequestToken token)
    {
        Span<byte> payload = stackalloc byte[RequestToken.Length];
        token.Format(payload);
        _table.Deliver(token, new Frame { Kind = FrameKind.Message, Payload = payload });
    }

    private async Task<int> CallAsync(Random random, int calls, bool cancelAlways = false)
    {
        int done = 0;
        for (; (done < calls && (cancelAlways || !IsLate)) || !(cancelAlways || HasSeenEveryEnd); done++)
        {
            // Not disposed: it may be cancelled after the call.
            var cancellation = new CancellationTokenSource();
            var reply = new HandledReply();
            _handlers.Enqueue(reply);
            RequestToken token = _table.Begin(Subject, reply, cancellation.Token);
            if (!cancelAlways)
            {
                _sent.Add(token, Ct);
            }

            if (cancelAlways)
            {
                _ = Task.Run(cancellation.Cancel, Ct);
            }
            else if (random.Next(5) == 0)
            {
                _toCancel.Add(cancellation, Ct);
            }

            try
            {
                using NatsMessage message = await reply.Task;
                Check(token, message);
            }
            catch (Exception exception)
            {
                Count(exception);
            }
        }

        return done;
    }

    private int CallBlocking(Random random, int calls)
    {
        int done = 0;
        for (; (done < calls && !IsLate) || !HasSeenEveryEnd; done++)
        {
            // Not disposed: it may be cancelled after the call.
            var cancellation = new CancellationTokenSource();
            BlockingReply reply = BlockingReply.ForThisThread();
            RequestToken token = _table.BeginBlocking(Subject, reply);
            _sent.Add(token, Ct);
            if (random.Next(5) == 0)
            {
                _toCancel.Add(cancellation, Ct);
            }

            try
            {
                using NatsMessage message = _table.Wait(token, Subject, reply, TableTimeout, cancellation.Token);
                Check(token, message);
            }
            catch (Exception exception)
            {
                Count(exception);
            }
        }

        return done;
    }

    private void Check(RequestToken token, in NatsMessage message)
    {
        Span<byte> expected = stackalloc byte[RequestToken.Length];
        token.Format(expected);
        Assert.True(message.Payload.Span.SequenceEqual(expected), "The reply is another request's.");
        Interlocked.Increment(ref _replied);
    }

    private void Count(Exception exception)
    {
        switch (exception)
        {
            case OperationCanceledException:
                Interlocked.Increment(ref _cancelled);
                break;
            case NatsKvTimeoutException:
                Interlocked.Increment(ref _timedOut);
                break;
            case NatsKvException { Message: "lost" }:
                Interlocked.Increment(ref _failed);
                break;
            default:
                throw new InvalidOperationException("A request ended in an unexpected way.", exception);
        }
    }

    private static bool Until(Action step, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            step();
            Thread.Yield();
        }

        return true;
    }
}
