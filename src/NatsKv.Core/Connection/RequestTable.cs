using NatsKv.Transport;
using NatsKv.Wire;

namespace NatsKv.Connection;

/// <summary>
/// The requests under way, found by slot number, and the coarse sweep that ends those whose time is up: one timer for all of them, which
/// runs only while somebody waits. Time is counted in sweeps, so that a request doesn't have to read the clock.
/// </summary>
internal sealed class RequestTable : IDisposable
{
    private const int SweepsPerTimeout = 20;
    private const int InitialSlots = 16;

    /// <summary>What a request stands for that is answered by a PONG.</summary>
    public static readonly NatsSubject Ping = new("PING");

    private static readonly TimeSpan LongestSweepPeriod = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly TimeSpan _timeout;
    private readonly TimeSpan _sweepPeriod;
    private readonly long _sweepsPerTimeout;
    private readonly ITimer _sweep;
    private readonly Stack<PendingRequest> _free = new();
    private PendingRequest?[] _slots = [];
    private int _count;
    private int _inUse;
    private int _sweeping;
    private long _sweeps;

    public RequestTable(TimeProvider time, TimeSpan timeout)
    {
        _timeout = timeout;

        // A request may be given less time than the others have: it too ends soon after that.
        _sweepPeriod = timeout / SweepsPerTimeout < LongestSweepPeriod ? timeout / SweepsPerTimeout : LongestSweepPeriod;
        _sweepsPerTimeout = SweepsIn(timeout);
        _sweep = time.CreateTimer(static state => ((RequestTable)state!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many requests are under way.</summary>
    public int InUse => Volatile.Read(ref _inUse);

    /// <summary>Begins to wait for one reply, as long as the connection's timeout lets it.</summary>
    public RequestToken Begin(in NatsSubject subject, INatsReplyHandler handler, CancellationToken cancellationToken) =>
        Begin(subject, handler, TimeSpan.Zero, cancellationToken);

    /// <summary>Begins to wait for one reply.</summary>
    /// <param name="subject">What was asked.</param>
    /// <param name="handler">Told of the outcome.</param>
    /// <param name="timeout">How long to wait; zero: as long as the connection's timeout says.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public RequestToken Begin(in NatsSubject subject, INatsReplyHandler handler, TimeSpan timeout, CancellationToken cancellationToken)
    {
        bool isOwn = timeout > TimeSpan.Zero;
        long lastSweep = Volatile.Read(ref _sweeps) + (isOwn ? SweepsIn(timeout) : _sweepsPerTimeout);
        RequestToken token = Rent().Begin(subject, handler, lastSweep, isOwn ? timeout : _timeout, cancellationToken);
        EnsureSweeping();
        return token;
    }

    /// <summary>Begins to wait for one reply that the calling thread then blocks for: needs no timer.</summary>
    public RequestToken BeginBlocking(in NatsSubject subject, BlockingReply handler) =>
        Rent().Begin(subject, handler, long.MaxValue, _timeout, CancellationToken.None);

    /// <summary>Blocks until the outcome of a request begun with <see cref="BeginBlocking"/> is there.</summary>
    public NatsMessage Wait(RequestToken token, in NatsSubject subject, BlockingReply handler, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            if (!handler.Wait(timeout, cancellationToken))
            {
                Fail(token, TimedOut(subject, timeout));
            }
        }
        catch (OperationCanceledException exception)
        {
            Fail(token, exception);
        }

        // The reply may come this very moment: whoever is first decides.
        return handler.Result();
    }

    /// <summary>Begins to wait for replies that all go to an inbox, until it is disposed.</summary>
    public RequestToken BeginStream(in NatsSubject subject, int budget, out Inbox inbox)
    {
        PendingRequest request = Rent();
        inbox = new Inbox("", 0, budget, _ => request.EndStream());
        return request.BeginStream(subject, inbox);
    }

    /// <summary>Hands a reply to whoever waits for it; nobody may.</summary>
    /// <returns>The inbox that took the reply in and whose reader is still to be woken.</returns>
    public Inbox? Deliver(RequestToken token, in Frame reply)
    {
        if (Find(token) is not { } request)
        {
            return null;
        }

        if (request.Stream is not { } stream)
        {
            request.Complete(token.Generation, new NatsReply(reply.Headers, reply.Payload));
            return null;
        }

        if (!request.IsWaiting(token.Generation))
        {
            return null;
        }

        stream.Deliver(reply.Subject, reply.ReplyTo, reply.Headers, reply.Payload);
        return stream;
    }

    /// <summary>Ends a request that may have ended.</summary>
    public void Fail(RequestToken token, Exception error) => Find(token)?.Fail(token.Generation, error);

    /// <summary>Ends those requests for which there is an error, by what they were sent to.</summary>
    public void FailAll(Func<NatsSubject, Exception?> error)
    {
        foreach (PendingRequest request in Existing())
        {
            uint generation = request.Generation;
            if (request.IsWaiting(generation) && error(request.Subject) is { } exception)
            {
                request.Fail(generation, exception);
            }
        }
    }

    /// <summary>Takes a slot back.</summary>
    public void Return(PendingRequest request)
    {
        lock (_gate)
        {
            _inUse--;
            _free.Push(request);
        }
    }

    public void Dispose() => _sweep.Dispose();

    private PendingRequest Rent()
    {
        lock (_gate)
        {
            _inUse++;
            if (_free.TryPop(out PendingRequest? request))
            {
                return request;
            }

            request = new PendingRequest(this, _count);
            if (_count == _slots.Length)
            {
                Array.Resize(ref _slots, Math.Max(_slots.Length * 2, InitialSlots));
            }

            _slots[_count++] = request;
            return request;
        }
    }

    private PendingRequest? Find(RequestToken token)
    {
        PendingRequest?[] slots = Volatile.Read(ref _slots);
        return (uint)token.Slot < (uint)slots.Length ? slots[token.Slot] : null;
    }

    private void Sweep()
    {
        long sweep = Interlocked.Increment(ref _sweeps);
        foreach (PendingRequest request in Existing())
        {
            uint generation = request.Generation;
            if (request.IsWaiting(generation) && request.LastSweep < sweep)
            {
                request.Fail(generation, TimedOut(request.Subject, request.Timeout));
            }
        }

        if (!AnyInUse())
        {
            _sweep.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Volatile.Write(ref _sweeping, 0);
            if (AnyInUse())
            {
                // Somebody came while the flag was still up and relied on the timer.
                EnsureSweeping();
            }
        }
    }

    private static NatsKvTimeoutException TimedOut(NatsSubject subject, TimeSpan timeout) =>
        new(timeout, $"No answer to '{subject}' within {timeout.TotalSeconds:0.##} s. If it was a write, whether it took place is unknown.");

    private long SweepsIn(TimeSpan timeout) => (long)Math.Ceiling(timeout / _sweepPeriod);

    private void EnsureSweeping()
    {
        if (Volatile.Read(ref _sweeping) == 0 && Interlocked.Exchange(ref _sweeping, 1) == 0)
        {
            _sweep.Change(_sweepPeriod, _sweepPeriod);
        }
    }

    private bool AnyInUse()
    {
        lock (_gate)
        {
            return _inUse > 0;
        }
    }

    private ReadOnlySpan<PendingRequest> Existing()
    {
        lock (_gate)
        {
            return _slots.AsSpan(0, _count)!;
        }
    }
}
