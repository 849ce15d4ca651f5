using Microsoft.Extensions.Logging;

namespace NatsKv.Connection;

/// <summary>
/// Owns the thread that connects, lets the crew read until the connection ends, and connects again, for ever. The thread starts with the first
/// caller that needs a connection.
/// </summary>
internal sealed class ConnectionSupervisor : IDisposable
{
    private const int MaxUnansweredPings = 2;

    private readonly NatsKvConnectionSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ReaderCrew _crew;
    private readonly Action<ConnectionSession> _onOpened;
    private readonly Action<Exception> _onLost;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ManualResetEventSlim _pause = new(false, spinCount: 0);
    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = new();
    private Thread? _thread;
    private ConnectionSession? _session;
    private Exception? _refusal;
    private long _epoch;

    public ConnectionSupervisor(
        NatsKvConnectionSettings settings,
        TimeProvider time,
        ILogger logger,
        ReaderCrew crew,
        Action<ConnectionSession> onOpened,
        Action<Exception> onLost)
    {
        _settings = settings;
        _time = time;
        _logger = logger;
        _crew = crew;
        _onOpened = onOpened;
        _onLost = onLost;
    }

    /// <summary>How many connections have been made.</summary>
    public long Epoch => Volatile.Read(ref _epoch);

    /// <summary>The living connection, if there is one.</summary>
    public ConnectionSession? Current => Volatile.Read(ref _session) is { IsClosed: false } session ? session : null;

    /// <summary>The last server's description.</summary>
    public NatsKvServerInfo? Server { get; private set; }

    /// <summary>Waits for a living connection.</summary>
    /// <exception cref="NatsKvConnectionException">
    /// The first attempt failed, a server refused us, or the time is up. A connection that once was there is waited for.
    /// </exception>
    public ValueTask<ConnectionSession> WaitForSessionAsync(Deadline deadline, CancellationToken cancellationToken) =>
        Current is { } session ? new ValueTask<ConnectionSession>(session) : WaitForSessionSlowAsync(deadline, cancellationToken);

    /// <summary>Waits until the epoch is another.</summary>
    /// <exception cref="ObjectDisposedException">There will be no other.</exception>
    public async ValueTask<long> WaitForEpochAsync(long epoch, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed = Changed();
            if (Epoch != epoch)
            {
                return Epoch;
            }

            ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, typeof(NatsKvClient));

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _pause.Set();
        if (Current is { } session)
        {
            session.SendRest();
            session.Dispose();
        }

        _crew.Dispose();
        if (_thread is { } thread && thread != Thread.CurrentThread)
        {
            thread.Join(TimeSpan.FromSeconds(1));
        }

        Change(() => _refusal = new ObjectDisposedException(nameof(NatsKvClient)));
    }

    /// <summary>The same for a caller that blocks; it needs nobody but the connection's thread.</summary>
    public ConnectionSession WaitForSession(Deadline deadline, CancellationToken cancellationToken)
    {
        if (Current is { } current)
        {
            return current;
        }

        Exception? seen = EnsureStarted();
        while (true)
        {
            Task changed = Changed();
            if (FindSession(seen) is { } session)
            {
                return session;
            }

            if (!changed.Wait((int)deadline.Left.TotalMilliseconds, cancellationToken))
            {
                throw TooLate(deadline.Timeout);
            }
        }
    }

    private async ValueTask<ConnectionSession> WaitForSessionSlowAsync(Deadline deadline, CancellationToken cancellationToken)
    {
        Exception? seen = EnsureStarted();
        while (true)
        {
            Task changed = Changed();
            if (FindSession(seen) is { } session)
            {
                return session;
            }

            try
            {
                await changed.WaitAsync(deadline.Left, _time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                throw TooLate(deadline.Timeout);
            }
        }
    }

    private ConnectionSession? FindSession(Exception? seen)
    {
        if (Current is { } session)
        {
            return session;
        }

        // A refusal from before this call says nothing of the next attempt.
        return Volatile.Read(ref _refusal) is { } refusal && !ReferenceEquals(refusal, seen) ? throw Copy(refusal) : null;
    }

    private NatsKvConnectionException TooLate(TimeSpan timeout) => new(
        NatsKvConnectionFailure.Unreachable,
        _settings.Url,
        $"No connection to the NATS server at {_settings.Url} within {timeout.TotalSeconds:0.##} s. {Volatile.Read(ref _refusal)?.Message}".TrimEnd());

    // Each caller gets an exception of its own: a shared one would mix up their stack traces.
    private static Exception Copy(Exception refusal) => refusal switch
    {
        NatsKvConnectionException connection => new NatsKvConnectionException(connection.Failure, connection.Url, connection.Message, connection.InnerException),
        ObjectDisposedException disposed => new ObjectDisposedException(disposed.ObjectName),
        _ => new NatsKvException(refusal.Message, refusal),
    };

    /// <returns>The refusal that is known already.</returns>
    private Exception? EnsureStarted()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, typeof(NatsKvClient));
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "natskv supervisor" };
                _thread.UnsafeStart();
            }

            return _refusal;
        }
    }

    private void Run()
    {
        ConnectionThread.Enter();
        int attempt = 0;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                using ConnectionSession session = OpenAny();
                attempt = 0;
                Serve(session);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception exception)
            {
                // Whatever it was, a connection that gives up trying would be worse.
                if (exception is not NatsKvConnectionException)
                {
                    _logger.Unexpected(exception);
                }

                Refuse(exception);
                attempt++;
                TimeSpan delay = Backoff.Delay(attempt, _settings.MaxReconnectDelay, Random.Shared.NextDouble());
                _logger.ConnectFailed(exception, attempt, delay);
                Pause(delay);
            }
        }
    }

    // Tries each server once, in random order, so that a cluster's clients spread.
    private ConnectionSession OpenAny()
    {
        NatsUrl[] servers = [.. _settings.Servers];
        Random.Shared.Shuffle(servers);
        NatsKvConnectionException? last = null;
        foreach (NatsUrl url in servers)
        {
            try
            {
                return Handshake.Open(url, _settings, _time, _stopping.Token);
            }
            catch (NatsKvConnectionException exception)
            {
                last = exception;
            }
        }

        throw last!;
    }

    private void Serve(ConnectionSession session)
    {
        session.StartWriter();
        _onOpened(session);
        _logger.Connected(session.Url.ToString(), session.Server.Name, session.Server.Version);
        Change(() =>
        {
            if (!_stopping.IsCancellationRequested)
            {
                // Else who still waits is told, or has been, that there will be no connection any more: that must stand.
                Server = session.Server;
                _refusal = null;
                _epoch++;
                _session = session;
            }
        });
        if (_stopping.IsCancellationRequested)
        {
            // Whoever disposed us meanwhile found no session to close.
            session.Dispose();
        }

        Exception? end;
        using (_time.CreateTimer(static state => ((ConnectionSession)state!).CheckAlive(MaxUnansweredPings), session, _settings.PingInterval, _settings.PingInterval))
        {
            end = _crew.Read(session);
        }

        lock (_gate)
        {
            _session = null;
        }

        session.Dispose();
        session.JoinWriter(TimeSpan.FromSeconds(1));
        string reason = session.LastError ?? end?.Message ?? "the server closed it";
        _onLost(new NatsKvConnectionException(
            NatsKvConnectionFailure.Lost, session.Url.ToString(), $"The connection to the NATS server at {session.Url} was lost: {reason}.", end));
        if (!_stopping.IsCancellationRequested)
        {
            _logger.Disconnected(session.Url.ToString(), reason);
            Pause(Backoff.Delay(1, _settings.MaxReconnectDelay, Random.Shared.NextDouble()) / 2);
        }
    }

    // While there never was a connection, or when a server won't have us, waiting longer helps nobody.
    private void Refuse(Exception exception)
    {
        bool final = Epoch == 0 || exception is not NatsKvConnectionException { IsTransient: true };
        if (final)
        {
            Change(() => _refusal = exception);
        }
    }

    private void Pause(TimeSpan delay)
    {
        _pause.Reset();
        using ITimer timer = _time.CreateTimer(static state => ((ManualResetEventSlim)state!).Set(), _pause, delay, Timeout.InfiniteTimeSpan);
        if (!_stopping.IsCancellationRequested)
        {
            _pause.Wait();
        }
    }

    private Task Changed()
    {
        lock (_gate)
        {
            return _changed.Task;
        }
    }

    // Waiters go on inline, here on the connection's thread.
    private void Change(Action apply)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            apply();
            changed = _changed;
            _changed = new TaskCompletionSource();
        }

        changed.TrySetResult();
    }
}
