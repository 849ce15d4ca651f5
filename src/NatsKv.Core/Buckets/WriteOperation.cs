using NatsKv.Connection;
using NatsKv.JetStream;
using NatsKv.Transport;

namespace NatsKv.Buckets;

/// <summary>A write, for a caller that awaits it.</summary>
internal sealed class WriteOperation : ResultOperation<ulong>
{
    private static readonly OperationPool<WriteOperation> Pool = new();

    private BucketWrites? _writes;
    private PreparedWrite _write;
    private ApiError? _refusal;
    private NatsKvException? _failure;
    private CallDeadline _deadline;

    /// <param name="writes">The bucket's writes.</param>
    /// <param name="write">What to send; its buffer is given back when the call is over.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public static ValueTask<ulong> Start(BucketWrites writes, in PreparedWrite write, CancellationToken cancellationToken)
    {
        WriteOperation operation = Pool.Rent() ?? new();
        operation._writes = writes;
        operation._write = write;
        operation._deadline = writes.Context.BeginCall(cancellationToken);
        return operation.Begin(writes.Context.Transport, write.Message, cancellationToken);
    }

    protected override bool TryDecode(in NatsReply reply, out ulong result)
    {
        bool isDecided = _writes!.Replies.TryDecode(_write, reply, out NatsKvWriteResult decided, out _refusal);
        result = isDecided ? _writes.Replies.RevisionOf(_write, decided) : 0;
        return isDecided;
    }

    protected override bool CanContinueAfter(Exception error)
    {
        _failure = error as NatsKvException;
        return _failure is not null && BucketWrites.CanContinueAfter(_write, _failure, _deadline);
    }

    protected override ValueTask<ulong> ContinueAsync(bool hasReply) =>
        _writes!.ContinueAsync(_write, _refusal, _failure, _deadline);

    protected override void Release()
    {
        _write.GiveBack();
        _write = default;
        _writes = null;
        _refusal = null;
        _failure = null;
        _deadline = default;
        Pool.Return(this);
    }
}
