using Microsoft.Extensions.Logging;

namespace NatsKv.Connection;

/// <summary>
/// The threads that read a connection: one holds the role, another stands by. What was received goes, in parts, through three steps: the
/// frames are taken in and our own continuations run (decode, copy, bookkeeping); then the callers whose results are ready are told, inline or
/// on the pool as the policy says; then what all of them have sent meanwhile goes out in one piece.
/// </summary>
/// <remarks>
/// <para>
/// Callers' code on the reading thread may block, call a blocking method of ours, or never return. It must harm nobody else. A blocking call
/// of ours hands the role over before it waits. For everything else the stand-by looks every few milliseconds, while anything goes on, whether
/// the same item still runs; then it takes the role: it tells the remaining callers, and reads on. (A look costs some 20 µs: one every
/// millisecond was a tenth of the reader's own work under load.) The thread that comes back finds that it is
/// deposed and becomes the stand-by; if there is one already, it ends.
/// </para>
/// <para>
/// Only the holder of the role touches the session's reader, the dispatcher and the list of ready callers. The role changes hands under the
/// lock, after a compare-and-set on the deposed thread's phase, so that there is never a second one.
/// </para>
/// </remarks>
internal sealed class ReaderCrew : IDisposable
{
    private const int QuietLooks = 12;

    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan LastLook = TimeSpan.FromMilliseconds(100);

    private readonly object _gate = new();
    private readonly FrameDispatcher _dispatcher;
    private readonly ContinuationPolicy _policy;
    private readonly ILogger _logger;
    private readonly ManualResetEventSlim _sessionEnd = new(false, spinCount: 0);
    private List<Continuation> _ready = [];
    private List<Continuation> _telling = [];
    private int _told;
    private ConnectionSession? _session;
    private Exception? _endCause;
    private ReaderThread? _active;
    private ReaderThread? _standBy;
    private bool _standByLooks;
    private bool _disposed;

    public ReaderCrew(FrameDispatcher dispatcher, ContinuationPolicy policy, ILogger logger)
    {
        _logger = logger;
        _dispatcher = dispatcher;
        _policy = policy;
    }

    /// <summary>The session that is being read.</summary>
    public ConnectionSession? Session => _session;

    /// <summary>Reads a session to its end; blocks the calling thread, which is none of the crew.</summary>
    /// <returns>What ended it; <see langword="null"/> when the server closed it.</returns>
    public Exception? Read(ConnectionSession session)
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return null;
            }

            _sessionEnd.Reset();
            _endCause = null;
            _session = session;
            EnsureStandBy();
            Monitor.PulseAll(_gate);
        }

        _sessionEnd.Wait();
        return _endCause;
    }

    /// <summary>Something can go on. Called on the reading thread, while frames are taken in.</summary>
    public void Add(Continuation continuation) => _ready.Add(continuation);

    /// <summary>Gives the role away before the calling thread, which runs a caller's code, blocks.</summary>
    public void HandOver(ReaderThread reader)
    {
        if (reader.TryDepose(reader.Phase))
        {
            _policy.Blocks();
            lock (_gate)
            {
                _active = null;
                EnsureStandBy();
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Lets the threads end, once the session that is being read has ended: somebody has to notice that.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void EnsureStandBy()
    {
        if (_standBy is null && (!_disposed || _session is not null))
        {
            var reader = new ReaderThread(this);
            _standBy = reader;
            new Thread(() => Run(reader)) { IsBackground = true, Name = "natskv reader" }.UnsafeStart();
        }
    }

    private void Run(ReaderThread reader)
    {
        reader.Enter();
        while (WaitForRole(reader) is { } session)
        {
            try
            {
                if (!ReadOn(reader, session))
                {
                    continue;
                }

                End(reader, null);
            }
            catch (Exception exception)
            {
                // Most often the link broke. Whatever it was, this session is at its end, and the supervisor makes the next one.
                End(reader, exception);
            }
        }
    }

    /// <returns><see langword="false"/> when the role was lost; <see langword="true"/> when the session has ended.</returns>
    private bool ReadOn(ReaderThread reader, ConnectionSession session)
    {
        bool hasMore;
        do
        {
            hasMore = reader.TakeIn(session, _dispatcher);
            if (!GoOn(reader))
            {
                return false;
            }

            session.Flush();
        }
        while (hasMore || session.Fill());

        return true;
    }

    private bool GoOn(ReaderThread reader)
    {
        int told = 0;
        long start = 0;
        bool reads = true;
        while (reads && NextReady() is { } continuation)
        {
            if (!continuation.IsOurs && _policy.OnPool)
            {
                continuation.CompleteOnPool(_policy);
                continue;
            }

            if (!Volatile.Read(ref _standByLooks))
            {
                WakeStandBy();
            }

            if (continuation.IsOurs)
            {
                Measured();
            }
            else if (told++ == 0)
            {
                // One measurement for several callers: reading the clock for each costs more than many a continuation does.
                start = _policy.Start();
            }

            reads = reader.Run(continuation, _logger);
        }

        Measured();
        return reads;

        void Measured()
        {
            if (told > 0)
            {
                _policy.Stop(start, told);
                told = 0;
            }
        }
    }

    // In two lists, so that a thread that takes the role over goes on behind the caller that the other one is still with.
    private Continuation? NextReady()
    {
        if (_told == _telling.Count)
        {
            _telling.Clear();
            _told = 0;
            (_telling, _ready) = (_ready, _telling);
        }

        return _told < _telling.Count ? _telling[_told++] : null;
    }

    private void WakeStandBy()
    {
        lock (_gate)
        {
            _standByLooks = true;
            EnsureStandBy();
            Monitor.PulseAll(_gate);
        }
    }

    private ConnectionSession? WaitForRole(ReaderThread reader)
    {
        lock (_gate)
        {
            if (_standBy is not null && _standBy != reader)
            {
                return null;
            }

            _standBy = reader;
            reader.Reinstate();
            while (true)
            {
                if (_active is null && _session is not null)
                {
                    _active = reader;
                    _standBy = null;
                    return _session;
                }

                if (_disposed)
                {
                    _standBy = null;
                    return null;
                }

                LookAfterReader();
            }
        }
    }

    // One look, or a sleep until there is something to look after.
    private void LookAfterReader()
    {
        if (!_standByLooks || _active is not { } active)
        {
            Monitor.Wait(_gate);
            return;
        }

        int quiet = 0;
        while (quiet < QuietLooks && !_disposed && _active == active)
        {
            quiet = LookOnce(active, LookPause) ? 0 : quiet + 1;
        }

        // The reader may have seen the flag up a moment ago and be with a caller now: one long look before the sleep.
        Volatile.Write(ref _standByLooks, false);
        if (!_disposed && _active == active && LookOnce(active, LastLook))
        {
            Volatile.Write(ref _standByLooks, true);
        }
    }

    /// <returns>Whether anything went on meanwhile.</returns>
    private bool LookOnce(ReaderThread active, TimeSpan pause)
    {
        long seen = active.Phase;
        Monitor.Wait(_gate, pause);
        if (_active == active && active.TryDepose(seen))
        {
            if (!active.RunsOurs)
            {
                _policy.Held();
            }

            _active = null;
            return true;
        }

        return active.Phase != seen;
    }

    private void End(ReaderThread reader, Exception? cause)
    {
        var ours = new List<Continuation>();
        while (NextReady() is { } continuation)
        {
            if (continuation.IsOurs)
            {
                ours.Add(continuation);
            }
            else
            {
                continuation.CompleteOnPool(_policy);
            }
        }

        reader.StepDown();
        lock (_gate)
        {
            _active = null;
            _session = null;
            _endCause = cause;
        }

        _sessionEnd.Set();

        // What ours do may take its time; nobody waits for this thread any more.
        ours.ForEach(continuation => ReaderThread.Complete(continuation, _logger));
    }
}
