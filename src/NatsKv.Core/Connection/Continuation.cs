namespace NatsKv.Connection;

/// <summary>
/// Something that can go on because what it waited for is there: a caller's code behind an operation, or ours. It is never run where that
/// is found out, but on the reading thread between batches (see <see cref="ReaderCrew"/>), or on the pool.
/// </summary>
internal abstract class Continuation : IThreadPoolWorkItem
{
    private ContinuationPolicy? _policy;

    /// <summary>
    /// Whether it is our own code that goes on. That stays on the reading thread, whatever the policy says of callers: it is known to be
    /// quick, and must work on a starved pool.
    /// </summary>
    public virtual bool IsOurs => false;

    /// <summary>Goes on by and by.</summary>
    public void Ready()
    {
        if (ReaderThread.TakingIn is { } reader)
        {
            reader.Crew.Add(this);
        }
        else if (IsOurs && ConnectionThread.IsCurrent)
        {
            // One of our continuations has brought the next about.
            Complete();
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Goes on on the pool, and tells the policy how long that took there.</summary>
    public void CompleteOnPool(ContinuationPolicy policy)
    {
        _policy = policy;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Goes on now, on this thread, until it waits for something else.</summary>
    public abstract void Complete();

    void IThreadPoolWorkItem.Execute()
    {
        if (_policy is { } policy)
        {
            _policy = null;
            long start = policy.Start();
            Complete();
            policy.Stop(start, count: 1);
        }
        else
        {
            Complete();
        }
    }
}
