using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using NatsKv.Caching.Diagnostics;

namespace NatsKv.Caching.Touching;

/// <summary>The touches that are under way: at most one for a key, and a bounded number in all.</summary>
/// <remarks>
/// A touch is conditional on the revision that was read, so that it can't undo what others do meanwhile: whoever wrote or removed the
/// entry has the last word. One that doesn't take place costs nothing as long as the next use makes another, which the slack allows for.
/// </remarks>
internal sealed class TouchQueue(ILogger logger) : IDisposable
{
    private const int MaxUnderWay = 1024;

    private readonly ConcurrentDictionary<string, Task> _underWay = new(StringComparer.Ordinal);
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
            _ = BeginOrJoin(bucket, touch);
        }
        finally
        {
            flow?.Undo();
        }
    }

    /// <summary>Touches, and waits for it; or for the touch of the same key that is under way.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="touch">The touch, taken over.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Completes when the entry has been touched, or others have written it.</returns>
    /// <exception cref="NatsKvException">The server or the connection refused.</exception>
    public Task RunAsync(INatsKvBucket bucket, Touch touch, CancellationToken cancellationToken) =>
        BeginOrJoin(bucket, touch).WaitAsync(cancellationToken);

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

    private Task BeginOrJoin(INatsKvBucket bucket, Touch touch)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task present = _underWay.GetOrAdd(touch.Key, done.Task);
        if (present == done.Task)
        {
            Interlocked.Increment(ref _count);
            _ = WriteAsync(bucket, touch, done);
        }
        else
        {
            touch.Release();
        }

        return present;
    }

    private async Task WriteAsync(INatsKvBucket bucket, Touch touch, TaskCompletionSource done)
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
        _underWay.TryRemove(touch.Key, out _);
        Interlocked.Decrement(ref _count);
        if (failure is null)
        {
            done.SetResult();
        }
        else
        {
            done.SetException(failure);

            // Looked at here, because perhaps nobody else does.
            _ = done.Task.Exception;
        }
    }
}
