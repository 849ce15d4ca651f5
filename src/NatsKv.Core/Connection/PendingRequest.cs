using System.Buffers;
using System.Threading.Tasks.Sources;
using NatsKv.Transport;

namespace NatsKv.Connection;

/// <summary>
/// A request that waits for its reply; one object serves many requests in turn. Whoever moves it from waiting to done (the reply, a
/// cancellation, the deadline, the end of the connection) decides the outcome; the state carries the generation, so that a party that still
/// holds an old token can't decide a later request.
/// </summary>
internal sealed class PendingRequest : IValueTaskSource<NatsMessage>
{
    [ThreadStatic]
    private static ManualResetEventSlim? t_event;

    private readonly RequestTable _table;
    private ManualResetEventSlim? _blocking;
    private ManualResetValueTaskSourceCore<NatsMessage> _core;
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _cancellationToken;
    private ulong _state;

    public PendingRequest(RequestTable table, int slot)
    {
        _table = table;
        Slot = slot;
    }

    public int Slot { get; }

    /// <summary>Grows with each use.</summary>
    public uint Generation { get; private set; }

    /// <summary>What the request was sent to, for messages and for permission errors, which name only the subject.</summary>
    public NatsSubject Subject { get; private set; }

    /// <summary>The last sweep of the table that lets the request wait on.</summary>
    public long LastSweep { get; private set; }

    /// <summary>Where the replies go when more than one is expected.</summary>
    public Inbox? Stream { get; private set; }

    public RequestToken Token => new(Slot, Generation);

    private ulong Waiting => ((ulong)Generation << 1) | 1;

    /// <summary>Begins a use.</summary>
    public ValueTask<NatsMessage> Begin(NatsSubject subject, long lastSweep, CancellationToken cancellationToken)
    {
        _core.Reset();
        _core.RunContinuationsAsynchronously = false;
        Start(subject, lastSweep, stream: null);
        if (cancellationToken.CanBeCanceled)
        {
            _cancellationToken = cancellationToken;
            _cancellation = cancellationToken.UnsafeRegister(static state => ((PendingRequest)state!).Cancel(), this);
        }

        return new ValueTask<NatsMessage>(this, _core.Version);
    }

    /// <summary>Begins a use whose reply the calling thread waits for with <see cref="Wait"/>.</summary>
    public void BeginBlocking(NatsSubject subject)
    {
        _core.Reset();
        _blocking = t_event ??= new ManualResetEventSlim();
        _blocking.Reset();
        Start(subject, long.MaxValue, stream: null);
    }

    /// <summary>Waits for the outcome of a use that was begun with <see cref="BeginBlocking"/>.</summary>
    /// <param name="timeout">How long.</param>
    /// <param name="timedOut">Makes the exception when it was not long enough.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public NatsMessage Wait(TimeSpan timeout, Func<Exception> timedOut, CancellationToken cancellationToken)
    {
        ManualResetEventSlim done = _blocking!;
        Exception? gaveUp = null;
        try
        {
            gaveUp = done.Wait(timeout, cancellationToken) ? null : timedOut();
        }
        catch (OperationCanceledException exception)
        {
            gaveUp = exception;
        }

        if (gaveUp is not null)
        {
            // The reply may come this very moment: whoever is first decides, and the other one's event must not be waited for in vain.
            Fail(Generation, gaveUp);
            done.Wait(CancellationToken.None);
        }

        _blocking = null;
        return GetResult(_core.Version);
    }

    /// <summary>Begins a use whose replies all go to an inbox, until <see cref="EndStream"/>.</summary>
    public void BeginStream(NatsSubject subject, Inbox stream) => Start(subject, long.MaxValue, stream);

    /// <summary>Ends a use that was begun with <see cref="BeginStream"/>.</summary>
    public void EndStream()
    {
        if (TryFinish(Generation))
        {
            Stream = null;
            _table.Return(this);
        }
    }

    public bool IsWaiting(uint generation) => Volatile.Read(ref _state) == (((ulong)generation << 1) | 1);

    /// <summary>The reply has come: copies it into a pooled buffer and runs the continuation on this thread.</summary>
    public void Complete(uint generation, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload)
    {
        if (!TryFinish(generation))
        {
            return;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(headers.Length + payload.Length);
        headers.CopyTo(buffer);
        payload.CopyTo(buffer.AsSpan(headers.Length));
        ManualResetEventSlim? blocking = _blocking;
        _core.SetResult(new NatsMessage(buffer, 0, 0, 0, headers.Length, payload.Length, pooled: true));
        blocking?.Set();
    }

    /// <summary>There will be no reply. Runs the continuation on this thread only if that is a connection's.</summary>
    public void Fail(uint generation, Exception error)
    {
        if (Stream is { } stream && IsWaiting(generation))
        {
            stream.Close(error);
            return;
        }

        if (TryFinish(generation))
        {
            ManualResetEventSlim? blocking = _blocking;
            _core.RunContinuationsAsynchronously = !ConnectionThread.IsCurrent;
            _core.SetException(error);
            blocking?.Set();
        }
    }

    public NatsMessage GetResult(short token)
    {
        // Waits for a cancellation callback that runs just now, so that it can't meet the next use.
        _cancellation.Dispose();
        _cancellation = default;
        _cancellationToken = default;
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _table.Return(this);
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);

    // From its last line on, whoever ends requests may end this one: everything that an end touches has been made ready before.
    private void Start(NatsSubject subject, long lastSweep, Inbox? stream)
    {
        Generation++;
        Subject = subject;
        LastSweep = lastSweep;
        Stream = stream;
        Volatile.Write(ref _state, Waiting);
    }

    private void Cancel() => Fail(Generation, new OperationCanceledException(_cancellationToken));

    private bool TryFinish(uint generation)
    {
        ulong waiting = ((ulong)generation << 1) | 1;
        return Interlocked.CompareExchange(ref _state, waiting & ~1UL, waiting) == waiting;
    }
}
