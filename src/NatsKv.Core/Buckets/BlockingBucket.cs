using System.Buffers;
using NatsKv.JetStream;

namespace NatsKv.Buckets;

/// <summary>A bucket whose operations run to their end on the calling thread.</summary>
internal sealed class BlockingBucket : INatsKvBlockingBucket
{
    private readonly BucketContext _context;
    private readonly BucketReads _reads;
    private readonly BucketWrites _writes;

    public BlockingBucket(BucketContext context)
    {
        _context = context;
        _reads = new BucketReads(context);
        _writes = new BucketWrites(context);
    }

    public TResult? Read<TState, TResult>(
        string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options, CancellationToken cancellationToken) =>
        BlockingExchange.ResultOf(_reads.ReadAsync(key, state, reader, options, _context.BeginCall(cancellationToken)));

    public ulong Put(string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options, CancellationToken cancellationToken) =>
        BlockingExchange.ResultOf(_writes.WriteAsync(NatsKvOperation.Put, key, value, options, _context.BeginCall(cancellationToken)));

    public ulong Purge(string key, NatsKvWriteOptions options, CancellationToken cancellationToken) =>
        BlockingExchange.ResultOf(_writes.WriteAsync(NatsKvOperation.Purge, key, default, options, _context.BeginCall(cancellationToken)));
}
