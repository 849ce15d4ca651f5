using NatsKv.Buckets;

namespace NatsKv.Watching;

/// <summary>
/// A watch that calls a handler. Its loop runs inline on the connection's thread, from one batch of messages to the next, so following a
/// bucket takes no thread, and the initial data comes on a starved pool too. Only the end of a consumer needs the pool.
/// </summary>
internal sealed class WatchPump : INatsKvWatch
{
    private static readonly TimeSpan DisposePatience = TimeSpan.FromSeconds(1);

    private readonly INatsKvWatchHandler _handler;
    private readonly CancellationTokenSource _stopping = new();
    private readonly WatchEngine _engine;
    private readonly ManualResetEventSlim _ended = new();
    private Task _loop = Task.CompletedTask;
    private int _callingThread;
    private int _disposed;

    private WatchPump(BucketContext context, WatchPlan plan, INatsKvWatchHandler handler)
    {
        _handler = handler;
        _engine = new WatchEngine(context, plan, ReportInterruption, _stopping.Token);
    }

    public NatsKvWatchState State => Status.State;

    public ulong LastRevision => Status.LastRevision;

    public NatsKvWatchStatus Status => _engine.Board.Status;

    public static WatchPump Start(BucketContext context, WatchPlan plan, INatsKvWatchHandler handler)
    {
        var pump = new WatchPump(context, plan, handler);
        if (ExecutionContext.IsFlowSuppressed())
        {
            pump._loop = pump.BeginAsync();
        }
        else
        {
            using (ExecutionContext.SuppressFlow())
            {
                pump._loop = pump.BeginAsync();
            }
        }

        return pump;
    }

    public ValueTask<NatsKvWatchStatus> WaitForStateAsync(NatsKvWatchState state, CancellationToken cancellationToken) =>
        _engine.Board.WaitForStateAsync(state, cancellationToken);

    public ValueTask WaitForRevisionAsync(ulong revision, CancellationToken cancellationToken) =>
        _engine.Board.WaitForRevisionAsync(revision, cancellationToken);

    public void Dispose()
    {
        Stop();

        // The handler must not be called any more when this returns, unless it is the handler that disposes.
        if (!Connection.ConnectionThread.IsCurrent && _callingThread != Environment.CurrentManagedThreadId)
        {
            _ended.Wait(DisposePatience);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Stop();
        await Connection.ConnectionThread.LeaveAfter(Ended()).ConfigureAwait(false);

        async ValueTask<bool> Ended()
        {
            await _loop.ConfigureAwait(false);
            return true;
        }
    }

    private void Stop()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _stopping.Cancel();
        }
    }

    // On a thread of its own up to the first wait. On a busy machine answers are there before anybody waits for them, and all the way to the
    // handler's first calls would be gone on the caller's thread, while the caller has no watch yet. The pool may be starved.
    private Task BeginAsync() => Task.Factory.StartNew(
        static pump => ((WatchPump)pump!).RunAsync(), this, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await _engine.WaitToReadAsync().ConfigureAwait(false);
                _callingThread = Environment.CurrentManagedThreadId;
                Dispatch();
                _callingThread = 0;
            }
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // Stopped: whatever went wrong meanwhile concerns nobody any more.
        }
        catch (Exception exception)
        {
            // The handler threw, or the client has been disposed: either way this watch is over, and its owner is told.
            _engine.Board.Stop(exception);
            Report(exception);
        }
        finally
        {
            await _engine.DisposeAsync().ConfigureAwait(false);
            _ended.Set();
        }
    }

    private void Dispatch()
    {
        while (!_stopping.IsCancellationRequested && _engine.TryRead(out WatchItem item))
        {
            switch (item.Kind)
            {
                case NatsKvWatchEventKind.Entry:
                    _handler.OnEntry(item.Entry);
                    break;
                case NatsKvWatchEventKind.InitialDataComplete:
                    _handler.OnInitialDataComplete();
                    break;
                case NatsKvWatchEventKind.Reset:
                    _handler.OnReset();
                    break;
            }
        }
    }

    private void ReportInterruption(Exception cause)
    {
        _callingThread = Environment.CurrentManagedThreadId;
        _handler.OnInterrupted(cause);
        _callingThread = 0;
    }

    private void Report(Exception exception)
    {
        try
        {
            ReportInterruption(exception);
        }
        catch (Exception)
        {
            // A handler that throws here too has been told.
        }
    }
}
