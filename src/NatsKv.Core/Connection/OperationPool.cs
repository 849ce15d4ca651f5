namespace NatsKv.Connection;

/// <summary>Operations that wait to be used again, for about as many as are under way at once.</summary>
internal sealed class OperationPool<T>
    where T : class
{
    private const int Most = 512;

    private readonly Lock _gate = new();
    private readonly Stack<T> _idle = new();

    public bool TryRent(out T? operation)
    {
        lock (_gate)
        {
            return _idle.TryPop(out operation);
        }
    }

    public void Return(T operation)
    {
        lock (_gate)
        {
            if (_idle.Count < Most)
            {
                _idle.Push(operation);
            }
        }
    }
}
