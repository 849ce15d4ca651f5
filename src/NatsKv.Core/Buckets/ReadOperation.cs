using NatsKv.Connection;
using NatsKv.JetStream;
using NatsKv.Transport;

namespace NatsKv.Buckets;

/// <summary>A read from any replica, for a caller that awaits it.</summary>
internal sealed class ReadOperation<TState, TResult> : ResultOperation<TResult?>
{
    private static readonly OperationPool<ReadOperation<TState, TResult>> Pool = new();

    private BucketReads? _reads;
    private string _key = "";
    private TState? _state;
    private NatsKvEntryReader<TState, TResult>? _reader;
    private NatsKvReadOptions _options;
    private DirectAnswer _answer;
    private CallDeadline _deadline;

    public static ValueTask<TResult?> Start(
        BucketReads reads, string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options, CancellationToken cancellationToken)
    {
        ReadOperation<TState, TResult> operation = Pool.Rent() ?? new();
        operation._reads = reads;
        operation._key = key;
        operation._state = state;
        operation._reader = reader;
        operation._options = options;
        operation._deadline = reads.Context.BeginCall(cancellationToken);
        return operation.Begin(reads.Context.Transport, reads.DirectRequest(key), cancellationToken);
    }

    protected override bool TryDecode(in NatsReply reply, out TResult? result) =>
        (_answer = _reads!.DecodeDirect(_key, reply, _state!, _reader!, _options, out result)) == DirectAnswer.Taken;

    protected override bool CanContinueAfter(Exception error) => error is NatsKvConnectionException { Failure: NatsKvConnectionFailure.Lost };

    protected override ValueTask<TResult?> ContinueAsync(bool hasReply) => hasReply
        ? _reads!.ReadInsteadAsync(_key, _state!, _reader!, _options, _answer, _deadline)
        : _reads!.ReadDirectAsync(_key, _state!, _reader!, _options, _deadline);

    protected override void Release()
    {
        _reads = null;
        _state = default;
        _reader = null;
        _deadline = default;
        Pool.Return(this);
    }
}
