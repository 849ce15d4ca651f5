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

    private readonly Lock _gate = new();
    private readonly TimeSpan _timeout;
    private readonly TimeSpan _sweepPeriod;
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
        _sweepPeriod = timeout / SweepsPerTimeout;
        _sweep = time.CreateTimer(static state => ((RequestTable)state!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many requests are under way.</summary>
    public int InUse => Volatile.Read(ref _inUse);

    /// <summary>Takes an idle request object.</summary>
    public PendingRequest Rent()
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

    public void Return(PendingRequest request)
    {
        lock (_gate)
        {
            _inUse--;
            _free.Push(request);
        }
    }

    /// <summary>Begins to wait for one reply.</summary>
    public ValueTask<NatsMessage> Begin(PendingRequest request, NatsSubject subject, CancellationToken cancellationToken)
    {
        ValueTask<NatsMessage> reply = request.Begin(subject, Volatile.Read(ref _sweeps) + SweepsPerTimeout, cancellationToken);
        EnsureSweeping();
        return reply;
    }

    /// <summary>Blocks until the reply to a request begun with <see cref="PendingRequest.BeginBlocking"/> is there.</summary>
    public NatsMessage Wait(PendingRequest request, CancellationToken cancellationToken)
    {
        NatsSubject subject = request.Subject;
        return request.Wait(_timeout, () => TimedOut(subject), cancellationToken);
    }

    /// <summary>Hands a reply to whoever waits for it; nobody may.</summary>
    /// <returns>The inbox that took the reply in and whose reader is still to be woken.</returns>
    public Inbox? Deliver(RequestToken token, in Frame reply)
    {
        PendingRequest?[] slots = Volatile.Read(ref _slots);
        if ((uint)token.Slot >= (uint)slots.Length || slots[token.Slot] is not { } request)
        {
            return null;
        }

        if (request.Stream is not { } stream)
        {
            request.Complete(token.Generation, reply.Headers, reply.Payload);
            return null;
        }

        if (!request.IsWaiting(token.Generation))
        {
            return null;
        }

        stream.Deliver(reply.Subject, reply.ReplyTo, reply.Headers, reply.Payload);
        return stream;
    }

    /// <summary>Ends every request, or those to one subject.</summary>
    public void FailAll(Func<PendingRequest, Exception> error, string? onlySubject = null)
    {
        foreach (PendingRequest request in Existing())
        {
            uint generation = request.Generation;
            if (request.IsWaiting(generation) && (onlySubject is null || request.Subject.ToString() == onlySubject))
            {
                request.Fail(generation, error(request));
            }
        }
    }

    public void Dispose() => _sweep.Dispose();

    private void Sweep()
    {
        long sweep = Interlocked.Increment(ref _sweeps);
        foreach (PendingRequest request in Existing())
        {
            uint generation = request.Generation;
            if (request.IsWaiting(generation) && request.LastSweep < sweep)
            {
                request.Fail(generation, TimedOut(request.Subject));
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

    private NatsKvTimeoutException TimedOut(NatsSubject subject) =>
        new(_timeout, $"No answer to '{subject}' within {_timeout.TotalSeconds:0.#} s. If it was a write, whether it took place is unknown.");

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
