using NatsKv.Transport;

namespace NatsKv.TransportContract;

/// <summary>The outcome of one request, as a task. A second outcome is counted.</summary>
public sealed class HandledReply : INatsReplyHandler
{
    private readonly TaskCompletionSource<NatsMessage> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _outcomes;

    public Task<NatsMessage> Task => _outcome.Task;

    /// <summary>How often an outcome was told.</summary>
    public int Outcomes => Volatile.Read(ref _outcomes);

    public void OnReply(in NatsReply reply)
    {
        Interlocked.Increment(ref _outcomes);
        _outcome.TrySetResult(reply.ToMessage());
    }

    public void OnError(Exception error)
    {
        Interlocked.Increment(ref _outcomes);
        _outcome.TrySetException(error);
    }
}
