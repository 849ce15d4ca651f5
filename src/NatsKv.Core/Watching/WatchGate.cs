using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace NatsKv.Watching;

/// <summary>
/// What the watches of one connection share: they don't all start at once, and those that live when the connection is closed take leave of
/// the server. A single watch is never delayed noticeably; a thousand of them after a reconnect come within a second.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The semaphore is waited for without its kernel handle, so there is nothing to dispose")]
internal sealed class WatchGate(TimeProvider time, Func<double> random)
{
    private const int MostStarts = 16;

    private static readonly TimeSpan SpreadOfEach = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestSpread = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _starts = new(MostStarts);
    private readonly ConcurrentDictionary<WatchConsumer, bool> _consumers = new();
    private int _watches;

    public WatchGate(TimeProvider time)
        : this(time, static () => Random.Shared.NextDouble())
    {
    }

    /// <summary>A watch begins.</summary>
    public void Join() => Interlocked.Increment(ref _watches);

    /// <summary>A watch is over.</summary>
    public void Leave() => Interlocked.Decrement(ref _watches);

    /// <summary>Waits for the permission to start a consumer; <see cref="EndStart"/> gives it back.</summary>
    /// <param name="isReconnect">Whether a new connection makes all watches start.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async ValueTask BeginStartAsync(bool isReconnect, CancellationToken cancellationToken)
    {
        if (isReconnect)
        {
            await Task.Delay(SpreadFor(Volatile.Read(ref _watches)) * random(), time, cancellationToken).ConfigureAwait(false);
        }

        await _starts.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public void EndStart() => _starts.Release();

    /// <summary>A consumer exists on the server, or may.</summary>
    public void Add(WatchConsumer consumer) => _consumers[consumer] = true;

    /// <summary>It has been deleted.</summary>
    public void Remove(WatchConsumer consumer) => _consumers.TryRemove(consumer, out _);

    /// <summary>The connection is about to be closed: asks the server to delete what is left.</summary>
    public void DeleteConsumers()
    {
        foreach (WatchConsumer consumer in _consumers.Keys)
        {
            consumer.Delete();
        }
    }

    /// <summary>Over how long so many starts are spread.</summary>
    public static TimeSpan SpreadFor(int watches) => watches * SpreadOfEach < LongestSpread ? watches * SpreadOfEach : LongestSpread;
}
