namespace NatsKv.Connection;

/// <summary>
/// Knows whether our own continuations run now, on a connection's thread: they do because a hop to the thread pool costs more than the work.
/// A user's code must not run among them: it could block, and only that thread can deliver the answer it may be waiting for.
/// </summary>
internal static class ConnectionThread
{
    [ThreadStatic]
    private static bool t_isCurrent;

    /// <summary>Whether the calling thread reads a connection.</summary>
    public static bool IsCurrent => t_isCurrent;

    /// <summary>From here on the calling thread runs our continuations.</summary>
    public static void Enter() => t_isCurrent = true;

    /// <summary>From here on it doesn't.</summary>
    public static void Exit() => t_isCurrent = false;

    /// <summary>Await it to go on elsewhere when on a connection's thread; costs nothing anywhere else.</summary>
    public static LeaveAwaitable Leave() => default;

    /// <summary>Goes on elsewhere when an operation that may have completed on a connection's thread is done, whatever its outcome.</summary>
    public static ValueTask<T> LeaveAfter<T>(ValueTask<T> operation)
    {
        return operation.IsCompleted && !IsCurrent ? operation : AwaitAndLeave(operation);

        [System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(System.Runtime.CompilerServices.PoolingAsyncValueTaskMethodBuilder<>))]
        static async ValueTask<T> AwaitAndLeave(ValueTask<T> operation)
        {
            try
            {
                return await operation.ConfigureAwait(false);
            }
            finally
            {
                await Leave();
            }
        }
    }
}
