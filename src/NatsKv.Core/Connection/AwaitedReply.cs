using System.Threading.Tasks.Sources;
using NatsKv.Transport;

namespace NatsKv.Connection;

/// <summary>A reply for one of our own async methods: copied where it arrives, then awaited. One object serves many requests in turn.</summary>
internal sealed class AwaitedReply : Continuation, INatsReplyHandler, IValueTaskSource<NatsMessage>
{
    private static readonly OperationPool<AwaitedReply> Pool = new();

    private ManualResetValueTaskSourceCore<NatsMessage> _core;
    private NatsMessage _reply;
    private Exception? _error;

    public override bool IsOurs => true;

    /// <summary>Completes with the outcome; to be awaited once.</summary>
    public ValueTask<NatsMessage> Task => new(this, _core.Version);

    public static AwaitedReply Rent() => Pool.Rent() ?? new AwaitedReply();

    public void OnReply(in NatsReply reply)
    {
        _reply = reply.ToMessage();
        Ready();
    }

    public void OnError(Exception error)
    {
        _error = error;
        Ready();
    }

    public override void Complete()
    {
        if (_error is { } error)
        {
            _core.SetException(error);
        }
        else
        {
            _core.SetResult(_reply);
        }
    }

    public NatsMessage GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            _reply = default;
            _error = null;
            Pool.Return(this);
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);
}
