using System.Diagnostics.CodeAnalysis;
using NatsKv.Transport;

namespace NatsKv.Connection;

/// <summary>A reply that the calling thread waits for; each thread has one of its own.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "It lives as long as its thread; the event has no handle.")]
internal sealed class BlockingReply : INatsReplyHandler
{
    [ThreadStatic]
    private static BlockingReply? t_own;

    private readonly ManualResetEventSlim _done = new();
    private NatsMessage _reply;
    private Exception? _error;

    /// <summary>The calling thread's, ready to be used.</summary>
    public static BlockingReply ForThisThread()
    {
        BlockingReply own = t_own ??= new BlockingReply();
        own._done.Reset();
        own._error = null;
        return own;
    }

    public void OnReply(in NatsReply reply)
    {
        _reply = reply.ToMessage();
        _done.Set();
    }

    public void OnError(Exception error)
    {
        _error = error;
        _done.Set();
    }

    /// <summary>Waits for the outcome.</summary>
    /// <returns>Whether it is there; else the time is up.</returns>
    public bool Wait(TimeSpan timeout, CancellationToken cancellationToken) => _done.Wait(timeout, cancellationToken);

    /// <summary>The outcome, which is there or comes any moment.</summary>
    public NatsMessage Result()
    {
        _done.Wait(CancellationToken.None);
        return _error is null ? _reply : throw _error;
    }
}
