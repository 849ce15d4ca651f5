using NatsKv.Connection;
using NatsKv.Transport;

namespace NatsKv.Buckets;

/// <summary>A write, for a caller that awaits it.</summary>
internal sealed class WriteOperation : ResultOperation<ulong>
{
    private static readonly OperationPool<WriteOperation> Pool = new();

    private BucketWrites? _writes;
    private NatsOutgoingMessage _message;
    private byte[]? _rented;
    private string _key = "";
    private ulong? _expected;
    private long _start;
    private CancellationToken _cancellationToken;

    /// <param name="writes">The bucket's writes.</param>
    /// <param name="message">The message.</param>
    /// <param name="rented">The buffer of the message's headers, given back when the call is over.</param>
    /// <param name="key">The key.</param>
    /// <param name="expected">The expected revision.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public static ValueTask<ulong> Start(
        BucketWrites writes, in NatsOutgoingMessage message, byte[]? rented, string key, ulong? expected, CancellationToken cancellationToken)
    {
        WriteOperation operation = Pool.Rent() ?? new();
        operation._writes = writes;
        operation._message = message;
        operation._rented = rented;
        operation._key = key;
        operation._expected = expected;
        operation._start = writes.Now;
        operation._cancellationToken = cancellationToken;
        return operation.Begin(writes.Transport, message, cancellationToken);
    }

    protected override bool TryDecode(in NatsReply reply, out ulong result) => _writes!.TryDecode(_key, _expected, reply, out result);

    // Whether a write that got no reply took place is unknown: it is the caller's to decide what that means.
    protected override bool CanContinueAfter(Exception error) => false;

    protected override ValueTask<ulong> ContinueAsync(bool hasReply) => _writes!.SendAgainAsync(_key, _message, _expected, _writes.ContinueCall(_start, _cancellationToken));

    protected override void Release()
    {
        BucketWrites.GiveBack(_rented);
        _rented = null;
        _writes = null;
        _message = default;
        _cancellationToken = default;
        Pool.Return(this);
    }
}
