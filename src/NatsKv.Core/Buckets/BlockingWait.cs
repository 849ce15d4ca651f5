using NatsKv.Connection;

namespace NatsKv.Buckets;

/// <summary>
/// Waits for an operation on the calling thread. Everything inside an operation goes on on the connection's own thread, so the wait needs
/// neither the thread pool nor the caller's synchronization context.
/// </summary>
internal static class BlockingWait
{
    /// <param name="operation">The operation, not yet moved off the connection's thread.</param>
    /// <param name="patience">
    /// When to give up although the operation's own deadline hasn't ended it: that deadline is kept by a timer, and timers need the pool.
    /// </param>
    public static T For<T>(ValueTask<T> operation, TimeSpan patience)
    {
        if (operation.IsCompleted)
        {
            return operation.GetAwaiter().GetResult();
        }

        if (ConnectionThread.IsCurrent)
        {
            throw new InvalidOperationException("A blocking call on the connection's own thread would wait for itself. Don't call the client inside a reader or watch handler.");
        }

        var done = new ManualResetEventSlim();
        var awaiter = operation.ConfigureAwait(false).GetAwaiter();
        awaiter.UnsafeOnCompleted(done.Set);
        if (!done.Wait(patience))
        {
            throw new NatsKvTimeoutException(patience, $"The call was not done within {patience.TotalSeconds:0.#} s. If it was a write, whether it took place is unknown.");
        }

        return awaiter.GetResult();
    }
}
