namespace NatsKv.LoadTest.Measuring;

/// <summary>Runs blocking work where it takes no thread from the pool, which the clients under test need.</summary>
internal static class OwnThread
{
    public static Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        })
        {
            IsBackground = true,
            Name = "load test",
        };
        thread.Start();
        return done.Task;
    }
}
