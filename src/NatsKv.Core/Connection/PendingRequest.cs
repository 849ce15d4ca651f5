using NatsKv.Transport;

namespace NatsKv.Connection;

/// <summary>
/// A slot for a request that waits for its reply; it serves many requests in turn. Whoever moves it from waiting to done (the reply, a
/// cancellation, the deadline, the end of the connection) decides the outcome, and alone touches the rest until the slot is given back. The
/// state carries the generation, so that a party that still holds an old token can't decide a later request.
/// </summary>
internal sealed class PendingRequest(RequestTable table, int slot)
{
    private INatsReplyHandler? _handler;
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _cancellationToken;
    private ulong _state;

    /// <summary>Grows with each use.</summary>
    public uint Generation { get; private set; }

    /// <summary>What the request was sent to, for messages and for permission errors, which name only the subject.</summary>
    public NatsSubject Subject { get; private set; }

    /// <summary>The last sweep of the table that lets the request wait on.</summary>
    public long LastSweep { get; private set; }

    /// <summary>How long it may wait, for the message that says that this was too long.</summary>
    public TimeSpan Timeout { get; private set; }

    /// <summary>Where the replies go when more than one is expected.</summary>
    public Inbox? Stream { get; private set; }

    /// <summary>Begins a use that ends with a call of the handler.</summary>
    public RequestToken Begin(in NatsSubject subject, INatsReplyHandler handler, long lastSweep, TimeSpan timeout, CancellationToken cancellationToken)
    {
        RequestToken token = Prepare(subject, lastSweep);
        Timeout = timeout;
        _handler = handler;
        if (!cancellationToken.CanBeCanceled)
        {
            Volatile.Write(ref _state, Waiting(token.Generation));
            return token;
        }

        _cancellationToken = cancellationToken;
        _cancellation = cancellationToken.UnsafeRegister(static state => ((PendingRequest)state!).Cancel(), this);

        // From here on others may end the request, and the slot may be somebody else's. A cancellation that came too early to do it is seen here.
        Interlocked.Exchange(ref _state, Waiting(token.Generation));
        if (cancellationToken.IsCancellationRequested)
        {
            Fail(token.Generation, new OperationCanceledException(cancellationToken));
        }

        return token;
    }

    /// <summary>Begins a use whose replies all go to an inbox, until <see cref="EndStream"/>.</summary>
    public RequestToken BeginStream(in NatsSubject subject, Inbox stream)
    {
        RequestToken token = Prepare(subject, long.MaxValue);
        Stream = stream;
        Volatile.Write(ref _state, Waiting(token.Generation));
        return token;
    }

    /// <summary>Ends a use that was begun with <see cref="BeginStream"/>.</summary>
    public void EndStream()
    {
        if (TryFinish(Generation))
        {
            Stream = null;
            table.Return(this);
        }
    }

    public bool IsWaiting(uint generation) => Volatile.Read(ref _state) == Waiting(generation);

    /// <summary>The reply has come.</summary>
    public void Complete(uint generation, in NatsReply reply)
    {
        if (TryFinish(generation))
        {
            GiveBack().OnReply(reply);
        }
    }

    /// <summary>There will be no reply.</summary>
    public void Fail(uint generation, Exception error)
    {
        if (Stream is { } stream && IsWaiting(generation))
        {
            stream.Close(error);
        }
        else if (TryFinish(generation))
        {
            GiveBack().OnError(error);
        }
    }

    private static ulong Waiting(uint generation) => ((ulong)generation << 1) | 1;

    private RequestToken Prepare(in NatsSubject subject, long lastSweep)
    {
        Generation++;
        Subject = subject;
        LastSweep = lastSweep;
        return new RequestToken(slot, Generation);
    }

    // The slot is free before the handler is called: what the handler begins next may have it.
    private INatsReplyHandler GiveBack()
    {
        INatsReplyHandler handler = _handler!;
        _handler = null;
        if (_cancellationToken.CanBeCanceled)
        {
            // Waits for a cancellation callback that runs just now and finds itself too late, so that it can't meet the next use.
            _cancellation.Dispose();
            _cancellation = default;
            _cancellationToken = default;
        }

        table.Return(this);
        return handler;
    }

    private void Cancel() => Fail(Generation, new OperationCanceledException(_cancellationToken));

    private bool TryFinish(uint generation)
    {
        ulong waiting = Waiting(generation);
        return Interlocked.CompareExchange(ref _state, waiting & ~1UL, waiting) == waiting;
    }
}
