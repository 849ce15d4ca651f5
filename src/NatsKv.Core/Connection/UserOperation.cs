namespace NatsKv.Connection;

/// <summary>
/// An operation whose result is ready and whose caller is to be told. Telling it runs the caller's code, right here: so it is done on the
/// connection's thread only between batches, and only while that code is quick; see <see cref="ReaderCrew"/>.
/// </summary>
internal abstract class UserOperation : IThreadPoolWorkItem
{
    private ContinuationPolicy? _policy;

    /// <summary>Tells the caller, by and by, in the place that the policy chooses.</summary>
    public void Ready()
    {
        if (ReaderThread.Current is { } reader && ConnectionThread.IsCurrent)
        {
            reader.Crew.Add(this);
        }
        else if (ConnectionThread.IsCurrent)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
        else
        {
            Complete();
        }
    }

    /// <summary>Tells the caller on the pool, and the policy how long the caller's code took there.</summary>
    public void CompleteOnPool(ContinuationPolicy policy)
    {
        _policy = policy;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Tells the caller now, on this thread; its code runs until it waits for something else.</summary>
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
