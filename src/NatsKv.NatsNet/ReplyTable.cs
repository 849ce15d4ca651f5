using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using NATS.Client.Core;
using NatsKv.Transport;

namespace NatsKv.NatsNet;

/// <summary>
/// The requests under way on one subscription of our own, found by the last token of the reply's subject, and the coarse sweep that ends
/// those whose time is up. The official client's own requests would decode replies into strings, and hide who is still waiting.
/// </summary>
internal sealed class ReplyTable : IMessageSink, IDisposable
{
    private const int SweepsPerTimeout = 20;

    private static readonly TimeSpan LongestSweepPeriod = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<long, PendingReply> _pending = new();
    private readonly ConnectionEpoch _epoch;
    private readonly TimeProvider _time;
    private readonly TimeSpan _sweepPeriod;
    private readonly ITimer _sweep;
    private readonly string _prefix;
    private long _lastId;
    private long _refusedIn;
    private int _sweeping;

    public ReplyTable(string subject, ConnectionEpoch epoch, TimeProvider time, TimeSpan timeout)
    {
        _prefix = subject + ".";
        _epoch = epoch;
        _time = time;

        // A request may be given less time than the others have: it too ends soon after that.
        _sweepPeriod = timeout / SweepsPerTimeout < LongestSweepPeriod ? timeout / SweepsPerTimeout : LongestSweepPeriod;
        _sweep = time.CreateTimer(static state => ((ReplyTable)state!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What is subscribed to.</summary>
    public string Subject => _prefix + "*";

    /// <summary>Begins to wait for one reply, or for those that go to an inbox.</summary>
    public PendingReply Begin(NatsSubject subject, Patience patience, INatsReplyHandler? handler, MessageInbox? inbox = null)
    {
        long deadline = inbox is null ? _time.GetTimestamp() + (long)(patience.Left.TotalSeconds * _time.TimestampFrequency) : long.MaxValue;
        var pending = new PendingReply(this, Interlocked.Increment(ref _lastId), subject, _epoch.Current, deadline)
        {
            Handler = handler,
            Inbox = inbox,
            Timeout = patience.Timeout,
        };
        _pending[pending.Id] = pending;
        if (inbox is null)
        {
            EnsureSweeping();
        }

        return pending;
    }

    /// <summary>The server's permissions forbid what replies come in on. To be called before <see cref="FailAll"/>: a request that begins meanwhile is found, or finds this.</summary>
    public void Refuse() => Volatile.Write(ref _refusedIn, _epoch.Current);

    /// <exception cref="NatsKvPermissionException">No request is ever answered.</exception>
    public void ThrowIfRefused()
    {
        if (Volatile.Read(ref _refusedIn) is var epoch && epoch != 0 && epoch == _epoch.Current)
        {
            throw ClientErrors.Refused(Subject, isPublish: false);
        }
    }

    public string ReplyTo(PendingReply pending) => string.Create(CultureInfo.InvariantCulture, $"{_prefix}{pending.Id}");

    public void End(PendingReply pending) => _pending.TryRemove(pending.Id, out _);

    public void Receive(string subject, string? replyTo, in ReadOnlySequence<byte> headers, in ReadOnlySequence<byte> payload)
    {
        // Before the reply is handed over: who sees it and then asks for the epoch gets the one of this connection.
        _epoch.ObserveMessage();
        if (subject.Length > _prefix.Length
            && long.TryParse(subject.AsSpan(_prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long id)
            && _pending.TryGetValue(id, out PendingReply? pending))
        {
            pending.Receive(subject, replyTo, headers, payload);
        }
    }

    // Ended with the connection: nothing will be answered any more.
    void IMessageSink.End() => FailAll(static _ => new ObjectDisposedException(nameof(INatsConnection)));

    /// <summary>Ends those requests for which there is an error.</summary>
    public void FailAll(Func<PendingReply, Exception?> error)
    {
        foreach ((_, PendingReply pending) in _pending)
        {
            if (error(pending) is { } exception)
            {
                pending.Fail(exception);
            }
        }
    }

    public static NatsKvTimeoutException TimedOut(NatsSubject subject, TimeSpan timeout) =>
        new(timeout, $"No answer to '{subject}' within {timeout.TotalSeconds:0.##} s. If it was a write, whether it took place is unknown.");

    public void Dispose() => _sweep.Dispose();

    private void Sweep()
    {
        long now = _time.GetTimestamp();
        FailAll(pending => pending.Deadline <= now ? TimedOut(pending.Subject, pending.Timeout) : null);
        if (_pending.IsEmpty)
        {
            _sweep.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Volatile.Write(ref _sweeping, 0);
            if (!_pending.IsEmpty)
            {
                // Somebody came while the flag was still up and relied on the timer.
                EnsureSweeping();
            }
        }
    }

    private void EnsureSweeping()
    {
        if (Volatile.Read(ref _sweeping) == 0 && Interlocked.Exchange(ref _sweeping, 1) == 0)
        {
            _sweep.Change(_sweepPeriod, _sweepPeriod);
        }
    }
}
