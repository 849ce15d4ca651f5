namespace NatsKv.Connection;

/// <summary>
/// Knows whether code runs on a connection's own thread. Our continuations run there, because a hop to the thread pool costs more than the
/// work; a user's code never does: it could block, and only that thread can deliver the answer it may be waiting for.
/// </summary>
internal static class ConnectionThread
{
    [ThreadStatic]
    private static bool t_isCurrent;

    /// <summary>Whether the calling thread reads a connection.</summary>
    public static bool IsCurrent => t_isCurrent;

    /// <summary>Marks the calling thread as one that reads a connection.</summary>
    public static void Enter() => t_isCurrent = true;

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
