using Microsoft.Extensions.Logging;

namespace NatsKv.Connection;

/// <summary>
/// One thread of a <see cref="ReaderCrew"/>. While it runs a caller's code it can be deposed: then another thread reads on, and this one,
/// when the code has returned, must not touch the connection any more. Who decides is one compare-and-set on the number of the item.
/// </summary>
internal sealed class ReaderThread
{
    private const long Deposed = -1;

    [ThreadStatic]
    private static ReaderThread? t_current;

    private long _item;
    private long _phase;

    public ReaderThread(ReaderCrew crew) => Crew = crew;

    /// <summary>The reader thread that runs this code, as long as it holds the role.</summary>
    public static ReaderThread? Current => t_current is { IsDeposed: false } reader ? reader : null;

    public ReaderCrew Crew { get; }

    /// <summary>The number of the item of caller's code that runs now; even between items.</summary>
    public long Phase => Volatile.Read(ref _phase);

    public bool IsDeposed => Volatile.Read(ref _phase) == Deposed;

    /// <summary>Makes this the reader of the calling thread.</summary>
    public void Enter() => t_current = this;

    /// <summary>Takes the role up anew.</summary>
    public void Reinstate()
    {
        Volatile.Write(ref _phase, _item);
    }

    /// <summary>Runs one caller's code.</summary>
    /// <returns>Whether this thread still reads afterwards.</returns>
    public bool Run(UserOperation operation, ILogger logger)
    {
        long item = _item += 2;
        Volatile.Write(ref _phase, item - 1);
        try
        {
            operation.Complete();
        }
        catch (Exception exception)
        {
            // An async method's exception goes into its task; this is a bare continuation's. It must not end a connection that others use.
            logger.ContinuationThrew(exception);
        }

        return Interlocked.CompareExchange(ref _phase, item, item - 1) == item - 1;
    }

    /// <summary>Takes the role away if the same caller's code still runs.</summary>
    public bool TryDepose(long phase) => phase > 0 && (phase & 1) == 1 && Interlocked.CompareExchange(ref _phase, Deposed, phase) == phase;
}
