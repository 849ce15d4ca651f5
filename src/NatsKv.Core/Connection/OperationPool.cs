namespace NatsKv.Connection;

/// <summary>Operations that wait to be used again, for about as many as are under way at once.</summary>
internal sealed class OperationPool<T>
    where T : class
{
    private const int Most = 512;

    private readonly Lock _gate = new();
    private readonly Stack<T> _idle = new();
    private T? _last;

    /// <summary>Takes one, if there is any. The one that was returned last costs no lock: whoever returns one most often begins the next at once.</summary>
    public T? Rent()
    {
        if (Interlocked.Exchange(ref _last, null) is { } last)
        {
            return last;
        }

        lock (_gate)
        {
            return _idle.TryPop(out T? operation) ? operation : null;
        }
    }

    public void Return(T operation)
    {
        if (Interlocked.Exchange(ref _last, operation) is not { } earlier)
        {
            return;
        }

        lock (_gate)
        {
            if (_idle.Count < Most)
            {
                _idle.Push(earlier);
            }
        }
    }
}
