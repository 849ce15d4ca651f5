using Microsoft.Extensions.Logging;

namespace NatsKv.Connection;

/// <summary>
/// One thread of a <see cref="ReaderCrew"/>. While it runs a continuation, a caller's or ours, it can be deposed: then another thread reads on,
/// and this one, when the code has returned, must not touch the connection any more. Who decides is one compare-and-set on the number of the item.
/// </summary>
internal sealed class ReaderThread
{
    private const long Deposed = -1;

    [ThreadStatic]
    private static ReaderThread? t_current;

    private bool _isTakingIn;
    private long _item;
    private long _phase;

    public ReaderThread(ReaderCrew crew) => Crew = crew;

    /// <summary>The reader thread that runs this code, as long as it holds the role.</summary>
    public static ReaderThread? Current => t_current is { IsDeposed: false } reader ? reader : null;

    /// <summary>The reader thread that runs this code, while it takes frames in: then it can't be deposed.</summary>
    public static ReaderThread? TakingIn => t_current is { _isTakingIn: true } reader ? reader : null;

    public ReaderCrew Crew { get; }

    /// <summary>Whether what runs now, or ran last, is our own code.</summary>
    public bool RunsOurs { get; private set; }

    /// <summary>The number of the continuation that runs now; even between them.</summary>
    public long Phase => Volatile.Read(ref _phase);

    public bool IsDeposed => Volatile.Read(ref _phase) == Deposed;

    /// <summary>Makes this the reader of the calling thread.</summary>
    public void Enter() => t_current = this;

    /// <summary>Takes the role up anew.</summary>
    public void Reinstate()
    {
        Volatile.Write(ref _phase, _item);
    }

    /// <summary>Lays the role down.</summary>
    public void StepDown() => Volatile.Write(ref _phase, Deposed);

    /// <summary>Takes in what was received.</summary>
    /// <returns>Whether there is more.</returns>
    public bool TakeIn(ConnectionSession session, FrameDispatcher dispatcher)
    {
        ConnectionThread.Enter();
        _isTakingIn = true;
        try
        {
            return session.TakeIn(dispatcher);
        }
        finally
        {
            _isTakingIn = false;
            ConnectionThread.Exit();
        }
    }

    /// <summary>Goes on with what has become ready.</summary>
    /// <returns>Whether this thread still reads afterwards.</returns>
    public bool Run(Continuation continuation, ILogger logger)
    {
        long item = _item += 2;
        RunsOurs = continuation.IsOurs;
        Volatile.Write(ref _phase, item - 1);
        Complete(continuation, logger);
        return Interlocked.CompareExchange(ref _phase, item, item - 1) == item - 1;
    }

    /// <summary>The same for a thread that doesn't read any more.</summary>
    public static void Complete(Continuation continuation, ILogger logger)
    {
        bool isOurs = continuation.IsOurs;
        if (isOurs)
        {
            ConnectionThread.Enter();
        }

        try
        {
            continuation.Complete();
        }
        catch (Exception exception)
        {
            // An async method's exception goes into its task; this is a bare continuation's. It must not end a connection that others use.
            logger.ContinuationThrew(exception);
        }

        if (isOurs)
        {
            ConnectionThread.Exit();
        }
    }

    /// <summary>Takes the role away if the same continuation still runs.</summary>
    public bool TryDepose(long phase) => phase > 0 && (phase & 1) == 1 && Interlocked.CompareExchange(ref _phase, Deposed, phase) == phase;
}
