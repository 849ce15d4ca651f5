using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using NATS.Client.Core;
using NatsKv.Transport;

namespace NatsKv.NatsNet;

/// <summary>
/// Runs the Key/Value client over a connection of the official NATS client, which the application made, uses and disposes itself.
/// </summary>
/// <remarks>
/// Where to connect, credentials and reconnecting are the connection's own affair; of the settings only
/// <see cref="NatsKvConnectionSettings.RequestTimeout"/> counts. Replies are decoded on the
/// connection's read loop; callers' code and watches run on the thread pool.
/// </remarks>
[Experimental("NATSKV001")]
public sealed class NatsNetTransport : INatsTransport
{
    private const int ManyRepliesBudget = 64 * 1024 * 1024;
    private const int TokenLength = 22;
    private const string TokenCharacters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly TimeSpan FarewellTime = TimeSpan.FromMilliseconds(200);

    private readonly INatsConnection _connection;
    private readonly TimedConnection _timed;
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private readonly ConnectionEpoch _epoch;
    private readonly ReplyTable _replies;
    private readonly ConcurrentDictionary<MessageInbox, RawSubscription> _inboxes = new();
    private readonly SemaphoreSlim _replySubscriptionGate = new(1);
    private RawSubscription? _replySubscription;
    private Tuple<INatsServerInfo, NatsKvServerInfo>? _server;
    private int _disposed;
    private volatile bool _isClosed;

    /// <summary>Makes a transport. Nothing is sent before its first use.</summary>
    /// <param name="connection">The connection; it is never disposed here.</param>
    /// <param name="context">The clock and the time that requests have.</param>
    public NatsNetTransport(INatsConnection connection, NatsTransportContext context)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(context);
        _connection = connection;
        _timeout = context.Settings.RequestTimeout;
        _timed = new TimedConnection(connection, context.TimeProvider);
        _time = context.TimeProvider;
        _epoch = new ConnectionEpoch(connection);
        _replies = new ReplyTable(NewSubject(), _epoch, context.TimeProvider, _timeout);
        connection.ConnectionOpened += OnOpened;
        connection.ConnectionDisconnected += OnDisconnected;
        connection.ServerError += OnServerError;
    }

    /// <inheritdoc/>
    public NatsKvServerInfo? Server
    {
        get
        {
            if (_connection.ServerInfo is not { } info)
            {
                return null;
            }

            if (_server is not { } known || !ReferenceEquals(known.Item1, info))
            {
                _server = known = Tuple.Create(info, ServerDescription.From(info));
            }

            return known.Item2;
        }
    }

    /// <inheritdoc/>
    public long Epoch => _epoch.Current;

    /// <inheritdoc/>
    public ValueTask<long> WaitForEpochAsync(long epoch, CancellationToken cancellationToken) => _epoch.WaitForAnotherAsync(epoch, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask PublishAsync(NatsOutgoingMessage message, CancellationToken cancellationToken)
    {
        // Still possible while this is being disposed, for those who read an inbox and have something to take back on the server.
        ObjectDisposedException.ThrowIf(_isClosed, typeof(NatsKvClient));
        Patience patience = Begin(message.Timeout);
        await _timed.OpenAsync(patience, cancellationToken).ConfigureAwait(false);
        await _timed.SendAsync(message, replyTo: null, patience, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void BeginRequest(in NatsOutgoingMessage message, INatsReplyHandler handler, CancellationToken cancellationToken) =>
        _ = RequestAsync(message, handler, cancellationToken);

    /// <inheritdoc/>
    public NatsMessage Request(NatsOutgoingMessage message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Patience patience = Begin(message.Timeout);
        Block(ReadyAsync(patience, cancellationToken));
        var reply = new BlockingReply();
        PendingReply pending = _replies.Begin(message.Subject, patience, reply);
        try
        {
            _replies.ThrowIfRefused();
            Block(_timed.SendAsync(message, _replies.ReplyTo(pending), patience, cancellationToken));
        }
        catch (Exception exception)
        {
            pending.Fail(exception);
        }

        pending.OnSent(cancellationToken);
        if (Task.WaitAny([reply.Task], (int)Math.Min(patience.Left.TotalMilliseconds, int.MaxValue), CancellationToken.None) < 0)
        {
            // The reply may come this very moment: then it is the outcome.
            pending.Fail(ReplyTable.TimedOut(message.Subject, patience.Timeout));
        }

        return reply.Task.GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public async ValueTask<INatsInbox> RequestManyAsync(NatsOutgoingMessage message, CancellationToken cancellationToken)
    {
        Patience patience = Begin(message.Timeout);
        await ReadyAsync(patience, cancellationToken).ConfigureAwait(false);
        PendingReply? pending = null;
        var inbox = new MessageInbox("", ManyRepliesBudget, _ => _replies.End(pending!));
        pending = _replies.Begin(message.Subject, patience, handler: null, inbox);
        try
        {
            await _timed.SendAsync(message, _replies.ReplyTo(pending), patience, cancellationToken).ConfigureAwait(false);
            return inbox;
        }
        catch
        {
            await inbox.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<INatsInbox> SubscribeAsync(int maxPendingBytes, CancellationToken cancellationToken)
    {
        Patience patience = Begin(default);
        await OpenAsync(patience, cancellationToken).ConfigureAwait(false);
        var inbox = new MessageInbox(NewSubject(), maxPendingBytes, Unsubscribe);
        try
        {
            // Held here: the client itself holds its subscriptions weakly.
            RawSubscription subscription = _inboxes[inbox] = new RawSubscription(_connection, inbox.Subject, new InboxSink(_epoch, inbox));
            await _timed.SubscribeAsync(subscription, patience, cancellationToken).ConfigureAwait(false);
            return inbox;
        }
        catch
        {
            await inbox.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        Patience patience = Begin(default);
        await OpenAsync(patience, cancellationToken).ConfigureAwait(false);
        await _timed.PingAsync(patience, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends what is under way and all subscriptions; the connection stays as it is.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _connection.ConnectionOpened -= OnOpened;
        _connection.ConnectionDisconnected -= OnDisconnected;
        _connection.ServerError -= OnServerError;
        var error = new ObjectDisposedException(nameof(NatsKvClient));
        _replies.FailAll(static _ => new ObjectDisposedException(nameof(NatsKvClient)));
        _epoch.Fail(error);
        foreach ((MessageInbox inbox, _) in _inboxes)
        {
            inbox.Close(error);
        }

        SpinWait.SpinUntil(() => _inboxes.IsEmpty, FarewellTime);
        _isClosed = true;
        foreach ((MessageInbox inbox, _) in _inboxes)
        {
            Unsubscribe(inbox);
        }

        _replySubscription?.Abandon();
        _replies.Dispose();
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    // A subject that begins like the connection's own inboxes would be served from its wildcard subscription, to which a consumer delivers nothing.
    private string NewSubject() => $"{_connection.Opts.InboxPrefix}.{RandomNumberGenerator.GetString(TokenCharacters, TokenLength)}";

    private static void Block(ValueTask operation)
    {
        if (!operation.IsCompletedSuccessfully)
        {
            operation.AsTask().GetAwaiter().GetResult();
        }
    }

    private async Task RequestAsync(NatsOutgoingMessage message, INatsReplyHandler handler, CancellationToken cancellationToken)
    {
        Patience patience = Begin(message.Timeout);
        PendingReply pending;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            await ReadyAsync(patience, cancellationToken).ConfigureAwait(false);
            pending = _replies.Begin(message.Subject, patience, handler);
        }
        catch (Exception exception)
        {
            handler.OnError(exception);
            return;
        }

        try
        {
            _replies.ThrowIfRefused();
            await _timed.SendAsync(message, _replies.ReplyTo(pending), patience, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            pending.Fail(exception);
        }

        pending.OnSent(cancellationToken);
    }

    private ValueTask ReadyAsync(Patience patience, CancellationToken cancellationToken)
    {
        return _connection.ConnectionState == NatsConnectionState.Open && _replySubscription is not null && _disposed == 0 ? default : Slow();

        async ValueTask Slow()
        {
            await OpenAsync(patience, cancellationToken).ConfigureAwait(false);
            if (!await _replySubscriptionGate.WaitAsync(patience.Left, cancellationToken).ConfigureAwait(false))
            {
                throw ClientErrors.TooLate(_connection, patience.Timeout);
            }

            try
            {
                if (_replySubscription is null)
                {
                    var subscription = new RawSubscription(_connection, _replies.Subject, _replies);
                    try
                    {
                        await _timed.SubscribeAsync(subscription, patience, cancellationToken).ConfigureAwait(false);
                    }
                    catch
                    {
                        subscription.Abandon();
                        throw;
                    }

                    _replySubscription = subscription;
                }
            }
            finally
            {
                _replySubscriptionGate.Release();
            }

            if (_disposed != 0)
            {
                _replySubscription.Abandon();
                ObjectDisposedException.ThrowIf(true, typeof(NatsKvClient));
            }
        }
    }

    private Patience Begin(TimeSpan timeout) => new(_time, timeout > TimeSpan.Zero ? timeout : _timeout);

    private ValueTask OpenAsync(Patience patience, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, typeof(NatsKvClient));
        return _timed.OpenAsync(patience, cancellationToken);
    }

    private void Unsubscribe(MessageInbox inbox)
    {
        if (_inboxes.TryRemove(inbox, out RawSubscription? subscription))
        {
            subscription.Abandon();
        }
    }

    private ValueTask OnOpened(object? sender, NatsEventArgs args) => OnChanged();

    private ValueTask OnDisconnected(object? sender, NatsEventArgs args) => OnChanged();

    // The event may come when the next connection is made already; what went over that one is not lost.
    private ValueTask OnChanged()
    {
        long current = _epoch.Current;
        bool isOpen = _connection.ConnectionState == NatsConnectionState.Open;
        _replies.FailAll(pending => pending.Epoch < current || (!isOpen && pending.Epoch == current)
            ? ClientErrors.Lost(_connection, $"'{pending.Subject}' was under way; if it was a write, whether it took place is unknown.")
            : null);
        return default;
    }

    private ValueTask OnServerError(object? sender, NatsServerErrorEventArgs args)
    {
        if (!ClientErrors.TryGetRefusedSubject(args.Error, out string subject, out bool isPublish))
        {
            return default;
        }

        bool isReplies = subject == _replies.Subject;
        if (isReplies)
        {
            _replies.Refuse();
        }

        _replies.FailAll(pending => isReplies || (isPublish && pending.Subject.ToString() == subject) ? ClientErrors.Refused(subject, isPublish) : null);
        foreach ((MessageInbox inbox, _) in _inboxes)
        {
            if (!isPublish && inbox.Subject == subject)
            {
                inbox.Close(ClientErrors.Refused(subject, isPublish));
            }
        }

        return default;
    }
}
