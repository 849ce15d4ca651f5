using System.Buffers;
using NatsKv.Connection;
using NatsKv.Watching;

namespace NatsKv.Buckets;

/// <summary>A bucket: composes reads, writes and watches, and keeps callers off the connection's thread.</summary>
internal sealed class NatsKvBucket : INatsKvBucket
{
    private readonly BucketContext _context;
    private readonly BucketReads _reads;
    private readonly BucketWrites _writes;
    private readonly BucketCreates _creates;
    private readonly BucketErasure _erasure;
    private readonly Lazy<BlockingBucket> _blocking;

    public NatsKvBucket(BucketContext context)
    {
        _context = context;
        _reads = new BucketReads(context);
        _writes = new BucketWrites(context);
        _creates = new BucketCreates(_reads, _writes);
        _erasure = new BucketErasure(context);
        _blocking = new Lazy<BlockingBucket>(() => new BlockingBucket(context.ForBlocking()));
    }

    public string Name => _context.Subjects.Bucket;

    public INatsKvBlockingBucket Blocking => _blocking.Value;

    public ValueTask<TResult?> ReadAsync<TState, TResult>(
        string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options, CancellationToken cancellationToken) =>
        _reads.StartReadAsync(key, state, reader, options, cancellationToken);

    public ValueTask<NatsKvEntry?> GetRevisionAsync(string key, ulong revision, CancellationToken cancellationToken) =>
        ConnectionThread.LeaveAfter(_reads.GetRevisionAsync(key, revision, _context.BeginCall(cancellationToken)));

    public ValueTask<ulong> PutAsync(string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options, CancellationToken cancellationToken) =>
        _writes.StartWriteAsync(NatsKvOperation.Put, key, value, options, cancellationToken);

    public ValueTask<NatsKvWriteResult> TryWriteAsync(
        NatsKvOperation operation, string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options, CancellationToken cancellationToken) =>
        ConnectionThread.LeaveAfter(_writes.TryWriteAsync(operation, key, value, options, _context.BeginCall(cancellationToken)));

    public ValueTask<NatsKvWriteResult> TryCreateAsync(string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options, CancellationToken cancellationToken) =>
        ConnectionThread.LeaveAfter(_creates.TryCreateAsync(key, value, options, _context.BeginCall(cancellationToken)));

    public ValueTask<ulong> DeleteAsync(string key, NatsKvWriteOptions options, CancellationToken cancellationToken) =>
        _writes.StartWriteAsync(NatsKvOperation.Delete, key, default, options, cancellationToken);

    public ValueTask<ulong> PurgeAsync(string key, NatsKvWriteOptions options, CancellationToken cancellationToken) =>
        _writes.StartWriteAsync(NatsKvOperation.Purge, key, default, options, cancellationToken);

    public ValueTask<long> EraseAsync(NatsKvErasure what, CancellationToken cancellationToken) =>
        ConnectionThread.LeaveAfter(_erasure.EraseAsync(what, _context.BeginCall(cancellationToken)));

    public IAsyncEnumerable<NatsKvWatchEvent> WatchAsync(NatsKvWatchOptions? options, CancellationToken cancellationToken) =>
        new WatchStream(_context, PlanOf(options), cancellationToken);

    public INatsKvWatch StartWatch(INatsKvWatchHandler handler, NatsKvWatchOptions? options)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return WatchPump.Start(_context, PlanOf(options), handler);
    }

    public ValueTask<NatsKvBucketStatus> GetStatusAsync(CancellationToken cancellationToken)
    {
        return ConnectionThread.LeaveAfter(Ask());

        async ValueTask<NatsKvBucketStatus> Ask() =>
            BucketStatus.From(Name, await _context.GetInfoAsync(_context.BeginCall(cancellationToken)).ConfigureAwait(false));
    }

    public override string ToString() => Name;

    private WatchPlan PlanOf(NatsKvWatchOptions? options)
    {
        var plan = WatchPlan.From(options ?? new NatsKvWatchOptions(), _context.KeyValidation);
        _context.ThrowIfMayNotAsk(plan.IsFinite ? "A listing of what is in a bucket" : "A watch");
        return plan;
    }
}
