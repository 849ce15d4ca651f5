namespace NatsKv.TransportContract;

/// <summary>Blocking calls are for threads that can't await; a test that has awaited may be running on the transport's own.</summary>
public static class OwnThread
{
    /// <summary>Runs a function on a new thread, as on a UI's: whatever it posts to its synchronization context waits for ever.</summary>
    public static Task<T> RunAsync<T>(Func<T> run)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new NeverRunningContext());
            try
            {
                done.SetResult(run());
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        });
        thread.Start();
        return done.Task;
    }

    private sealed class NeverRunningContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }

        public override void Send(SendOrPostCallback d, object? state)
        {
        }
    }
}
