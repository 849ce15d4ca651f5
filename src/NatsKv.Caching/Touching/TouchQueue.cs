using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using NatsKv.Caching.Diagnostics;

namespace NatsKv.Caching.Touching;

/// <summary>The touches that are under way: at most one for a key, and a bounded number in all.</summary>
/// <remarks>
/// A touch is conditional on the revision that was read, so that it can't undo what others do meanwhile: whoever wrote or removed the
/// entry has the last word. One that doesn't take place costs nothing as long as the next use makes another, which the slack allows for.
/// <para>
/// The end of a touch is seen on the thread pool, which may be busy for longer than a short window lasts. So a reader that finds another
/// revision than the one the touch began with doesn't wait to hear of its end for long: the server is done with it.
/// </para>
/// </remarks>
internal sealed class TouchQueue(TimeProvider clock, ILogger logger) : IDisposable
{
    private const int MaxUnderWay = 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<string, TouchUnderWay> _underWay = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private int _count;

    /// <summary>How many are under way.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Begins a touch that nobody waits for. Its outcome is nobody's error.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="touch">The touch, taken over.</param>
    public void Post(INatsKvBucket bucket, Touch touch)
    {
        if (Count >= MaxUnderWay)
        {
            touch.Release();
            return;
        }

        // The write outlives the call that caused it: it must not carry the call's activity and other ambient state along.
        AsyncFlowControl? flow = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
        try
        {
            _ = BeginOrJoin(bucket, touch, Patience);
        }
        finally
        {
            flow?.Undo();
        }
    }

    /// <summary>Touches, and waits for it; or for the touch of the same revision that is under way.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="touch">The touch, taken over.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Completes when the entry has been touched, or others have written it.</returns>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    public Task RunAsync(INatsKvBucket bucket, Touch touch, CancellationToken cancellationToken) =>
        BeginOrJoin(bucket, touch, TimeSpan.Zero).WaitAsync(cancellationToken);

    /// <summary>
    /// The same for a caller that can't await: it doesn't join one under way, whose end may need the thread pool. Both are conditional on
    /// a revision, so that one of them wins.
    /// </summary>
    /// <inheritdoc cref="RunAsync"/>
    public void Run(INatsKvBucket bucket, Touch touch)
    {
        try
        {
            bucket.Blocking.Put(touch.Key, touch.Value, touch.Options);
        }
        catch (NatsKvRevisionMismatchException)
        {
            CacheLog.TouchLost(logger, touch.Key);
        }
        finally
        {
            touch.Release();
        }
    }

    /// <summary>Ends what is under way. Each gives its buffer back by itself.</summary>
    public void Dispose() => _stopping.Cancel();

    private Task BeginOrJoin(INatsKvBucket bucket, Touch touch, TimeSpan patience)
    {
        var mine = new TouchUnderWay(touch.Revision, clock.GetTimestamp());
        while (!_underWay.TryAdd(touch.Key, mine))
        {
            if (!_underWay.TryGetValue(touch.Key, out TouchUnderWay? present))
            {
                continue;
            }

            if (present.Revision == mine.Revision || clock.GetElapsedTime(present.Started, mine.Started) < patience)
            {
                touch.Release();
                return present.Done.Task;
            }

            if (_underWay.TryUpdate(touch.Key, mine, present))
            {
                break;
            }
        }

        Interlocked.Increment(ref _count);
        _ = WriteAsync(bucket, touch, mine);
        return mine.Done.Task;
    }

    private async Task WriteAsync(INatsKvBucket bucket, Touch touch, TouchUnderWay mine)
    {
        Exception? failure = null;
        try
        {
            await bucket.PutAsync(touch.Key, touch.Value, touch.Options, _stopping.Token).ConfigureAwait(false);
        }
        catch (NatsKvRevisionMismatchException)
        {
            CacheLog.TouchLost(logger, touch.Key);
        }
        catch (Exception exception)
        {
            failure = exception;
            CacheLog.TouchFailed(logger, touch.Key, exception);
        }

        touch.Release();
        _underWay.TryRemove(KeyValuePair.Create(touch.Key, mine));
        Interlocked.Decrement(ref _count);
        if (failure is null)
        {
            mine.Done.SetResult();
        }
        else
        {
            mine.Done.SetException(failure);

            // Looked at here, because perhaps nobody else does.
            _ = mine.Done.Task.Exception;
        }
    }
}
