using System.Threading.Tasks.Sources;

namespace NatsKv.LoadTest.Floor;

/// <summary>The wait for one reply, used again and again; it continues on the thread pool.</summary>
internal sealed class PooledReply : IValueTaskSource<int>
{
    private ManualResetValueTaskSourceCore<int> _core = new() { RunContinuationsAsynchronously = true };

    public ValueTask<int> Begin()
    {
        _core.Reset();
        return new ValueTask<int>(this, _core.Version);
    }

    public void Complete(int bytes) => _core.SetResult(bytes);

    public int GetResult(short token) => _core.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
