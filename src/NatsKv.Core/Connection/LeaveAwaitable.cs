using System.Runtime.CompilerServices;

namespace NatsKv.Connection;

/// <summary>Awaiting it moves the rest of the method to the thread pool when it runs on a connection's thread.</summary>
internal readonly struct LeaveAwaitable : ICriticalNotifyCompletion
{
    public bool IsCompleted => !ConnectionThread.IsCurrent;

    public LeaveAwaitable GetAwaiter() => this;

    public void GetResult()
    {
        // Nothing to report: it only moves the continuation.
    }

    public void OnCompleted(Action continuation) => ThreadPool.QueueUserWorkItem(static run => run(), continuation, preferLocal: false);

    public void UnsafeOnCompleted(Action continuation) => ThreadPool.UnsafeQueueUserWorkItem(static run => run(), continuation, preferLocal: false);
}
