using Microsoft.Extensions.Logging;
using NatsKv.Transport;
using NatsKv.Wire;

namespace NatsKv.Connection;

/// <summary>The built-in transport: one socket, a thread that reads and runs our continuations, a thread that sends.</summary>
internal sealed class NatsConnection : INatsTransport
{
    private const int ManyRepliesBudget = 64 * 1024 * 1024;

    private static readonly TimeSpan FarewellTime = TimeSpan.FromMilliseconds(200);

    private readonly RequestTable _requests;
    private readonly InboxTable _inboxes = new();
    private readonly ContinuationPolicy _policy;
    private readonly ConnectionSupervisor _supervisor;
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private int _disposed;

    public NatsConnection(NatsTransportContext context)
    {
        _time = context.TimeProvider;
        _timeout = context.Settings.RequestTimeout;
        ILogger logger = context.LoggerFactory.CreateLogger("NatsKv.Connection");
        _requests = new RequestTable(context.TimeProvider, context.Settings.RequestTimeout);
        _policy = new ContinuationPolicy(context.TimeProvider, context.Settings.Continuations);
        var crew = new ReaderCrew(new FrameDispatcher(_requests, _inboxes, logger), _policy, logger);
        _supervisor = new ConnectionSupervisor(context.Settings, context.TimeProvider, logger, crew, OnOpened, OnLost);
    }

    public NatsKvServerInfo? Server => _supervisor.Server;

    public long Epoch => _supervisor.Epoch;

    public ValueTask<long> WaitForEpochAsync(long epoch, CancellationToken cancellationToken) =>
        _supervisor.WaitForEpochAsync(epoch, cancellationToken);

    public async ValueTask PublishAsync(NatsOutgoingMessage message, CancellationToken cancellationToken)
    {
        ConnectionSession session = await WaitForRoomAsync(new Deadline(_time, TimeoutOf(message)), cancellationToken).ConfigureAwait(false);
        NatsMessageTooLargeException.ThrowIfLarger(message, session.Server.MaxPayload);
        session.Outbox.TryAppend(message, static (output, message) => FrameWriter.WritePublish(output, message, default, default));
    }

    public void BeginRequest(in NatsOutgoingMessage message, INatsReplyHandler handler, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            handler.OnError(new OperationCanceledException(cancellationToken));
        }
        else if (_supervisor.Current is { Outbox.IsFull: false } session)
        {
            Send(session, message, handler, cancellationToken);
        }
        else
        {
            _ = SendLaterAsync(message, handler, cancellationToken);
        }
    }

    public NatsMessage Request(NatsOutgoingMessage message, CancellationToken cancellationToken)
    {
        if (ConnectionThread.IsCurrent)
        {
            throw new InvalidOperationException(
                "A blocking call on the connection's own thread would wait for itself. Don't call the client inside a reader or a watch handler.");
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (ReaderThread.Current is { } reader)
        {
            // A caller's code runs on the reading thread and is about to block it.
            reader.Crew.HandOver(reader);
        }

        TimeSpan timeout = TimeoutOf(message);
        if (_supervisor.Current is not { } session)
        {
            var deadline = new Deadline(_time, timeout);
            session = _supervisor.WaitForSession(deadline, cancellationToken);
            timeout = deadline.LeftForRequest;
        }

        BlockingReply reply = BlockingReply.ForThisThread();
        RequestToken token = _requests.BeginBlocking(message.Subject, reply);
        TrySend(session, token, message, willFlush: true);
        session.Flush();
        return _requests.Wait(token, message.Subject, reply, timeout, cancellationToken);
    }

    public async ValueTask<INatsInbox> RequestManyAsync(NatsOutgoingMessage message, CancellationToken cancellationToken)
    {
        ConnectionSession session = await WaitForRoomAsync(new Deadline(_time, TimeoutOf(message)), cancellationToken).ConfigureAwait(false);
        RequestToken token = _requests.BeginStream(message.Subject, ManyRepliesBudget, out Inbox inbox);
        TrySend(session, token, message);
        return inbox;
    }

    public async ValueTask<INatsInbox> SubscribeAsync(int maxPendingBytes, CancellationToken cancellationToken)
    {
        var deadline = new Deadline(_time, _timeout);
        ConnectionSession session = await WaitForRoomAsync(deadline, cancellationToken).ConfigureAwait(false);

        // In the table first: a connection that is made just now then subscribes to it as well, which does no harm.
        Inbox inbox = _inboxes.Add(maxPendingBytes, Unsubscribe);
        try
        {
            while (!session.Outbox.TryAppend(inbox, static (output, inbox) => FrameWriter.WriteSubscribe(output, inbox.Subject, inbox.SubscriptionId)))
            {
                session = await WaitForRoomAsync(deadline, cancellationToken).ConfigureAwait(false);
            }

            return inbox;
        }
        catch
        {
            await inbox.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        ConnectionSession session = await _supervisor.WaitForSessionAsync(new Deadline(_time, _timeout), cancellationToken).ConfigureAwait(false);
        AwaitedReply pong = AwaitedReply.Rent();
        RequestToken token = _requests.Begin(RequestTable.Ping, pong, cancellationToken);
        if (!session.Outbox.TryAppendPing(token))
        {
            _requests.Fail(token, LostBeforeSent(session));
        }

        using NatsMessage answer = await pong.Task.ConfigureAwait(false);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            // Before and after: what is under way learns the true reason, and so does what slips in meanwhile.
            FailRequests();
            _inboxes.Fail(subject: null, new ObjectDisposedException(nameof(NatsKvClient)));

            // Who reads an inbox has something to take back on the server; that, and what else waits, still goes out.
            SpinWait.SpinUntil(() => _inboxes.IsEmpty, FarewellTime);
            _supervisor.Dispose();
            FailRequests();
            _inboxes.Fail(subject: null, new ObjectDisposedException(nameof(NatsKvClient)));
            _requests.Dispose();
        }

        void FailRequests() => _requests.FailAll(static _ => new ObjectDisposedException(nameof(NatsKvClient)));
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    private static NatsKvConnectionException LostBeforeSent(ConnectionSession session) => new(
        NatsKvConnectionFailure.Lost, session.Url.ToString(), $"The connection to the NATS server at {session.Url} was lost before the message was sent.");

    private async Task SendLaterAsync(NatsOutgoingMessage message, INatsReplyHandler handler, CancellationToken cancellationToken)
    {
        NatsMessage reply;
        try
        {
            var deadline = new Deadline(_time, TimeoutOf(message));
            ConnectionSession session = await WaitForRoomAsync(deadline, cancellationToken).ConfigureAwait(false);

            // Not straight to the handler: an error may come while the message is still being written, whose bytes are the caller's after that.
            AwaitedReply awaited = AwaitedReply.Rent();
            Send(session, message with { Timeout = deadline.LeftForRequest }, awaited, cancellationToken);
            reply = await awaited.Task.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            handler.OnError(exception);
            return;
        }

        handler.OnReply(reply.AsReply());
        reply.Dispose();
    }

    private TimeSpan TimeoutOf(in NatsOutgoingMessage message) => message.Timeout > TimeSpan.Zero ? message.Timeout : _timeout;

    private async ValueTask<ConnectionSession> WaitForRoomAsync(Deadline deadline, CancellationToken cancellationToken)
    {
        while (true)
        {
            ConnectionSession session = await _supervisor.WaitForSessionAsync(deadline, cancellationToken).ConfigureAwait(false);
            if (!session.Outbox.IsFull)
            {
                return session;
            }

            try
            {
                await session.Outbox.WaitForRoomAsync().WaitAsync(deadline.Left, _time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                throw new NatsKvTimeoutException(
                    deadline.Timeout,
                    $"The NATS server at {session.Url} has not read what was sent before within {deadline.Timeout.TotalSeconds:0.##} s. Nothing of this call was sent.",
                    wasSent: false);
            }
        }
    }

    private void Send(ConnectionSession session, in NatsOutgoingMessage message, INatsReplyHandler handler, CancellationToken cancellationToken)
    {
        RequestToken token = _requests.Begin(message.Subject, handler, message.Timeout, cancellationToken);

        // Alone, it is sent right here; among many, they go out together.
        bool isAlone = _requests.InUse == 1 && ReaderThread.Current is null;
        TrySend(session, token, message, isAlone);
        if (isAlone)
        {
            long start = _policy.Start();
            session.Flush();
            _policy.Exclude(start);
        }
    }

    // What can't be sent fails, and so does what can't be answered.
    private void TrySend(ConnectionSession session, RequestToken token, in NatsOutgoingMessage message, bool willFlush = false)
    {
        if (session.RefusedReplySubject is { } refused)
        {
            _requests.Fail(token, FrameDispatcher.NoReplies(refused));
            return;
        }

        try
        {
            // A server that gets more than it takes closes the connection, and everything under way on it fails.
            NatsMessageTooLargeException.ThrowIfLarger(message, session.Server.MaxPayload);
            bool isAppended = session.Outbox.TryAppend(
                (message, token, _inboxes.SharedPrefix),
                static (output, state) =>
                {
                    Span<byte> text = stackalloc byte[RequestToken.Length];
                    state.token.Format(text);
                    FrameWriter.WritePublish(output, state.message, state.SharedPrefix, text);
                },
                willFlush);
            if (!isAppended)
            {
                _requests.Fail(token, LostBeforeSent(session));
            }
            else if (session.RefusedReplySubject is { } refusedMeanwhile)
            {
                _requests.Fail(token, FrameDispatcher.NoReplies(refusedMeanwhile));
            }
        }
        catch (Exception exception)
        {
            _requests.Fail(token, exception);
        }
    }

    private void OnOpened(ConnectionSession session) => session.Outbox.TryAppend(_inboxes, static (output, inboxes) =>
    {
        FrameWriter.WriteSubscribe(output, inboxes.SharedSubject, InboxTable.SharedSubscriptionId);
        foreach (Inbox inbox in inboxes.All)
        {
            FrameWriter.WriteSubscribe(output, inbox.Subject, inbox.SubscriptionId);
        }
    });

    private void OnLost(Exception error) => _requests.FailAll(subject => new NatsKvConnectionException(
        NatsKvConnectionFailure.Lost,
        ((NatsKvConnectionException)error).Url,
        $"{error.Message} '{subject}' was under way; if it was a write, whether it took place is unknown.",
        error));

    private void Unsubscribe(Inbox inbox)
    {
        _inboxes.Remove(inbox);
        _supervisor.Current?.Outbox.TryAppend(inbox.SubscriptionId, static (output, id) => FrameWriter.WriteUnsubscribe(output, id));
    }
}
