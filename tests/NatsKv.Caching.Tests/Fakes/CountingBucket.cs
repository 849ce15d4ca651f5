using System.Buffers;

namespace NatsKv.Caching.Tests.Fakes;

/// <summary>A handle on the fake client's bucket that counts the requests for its status.</summary>
internal sealed class CountingBucket(FakeClient client) : INatsKvBucket
{
    private FakeBucket Inner => client.Bucket;

    public string Name => Inner.Name;

    public INatsKvBlockingBucket Blocking => Inner;

    public ValueTask<NatsKvBucketStatus> GetStatusAsync(CancellationToken cancellationToken = default)
    {
        client.CountStatus();
        return Inner.GetStatusAsync(cancellationToken);
    }

    public ValueTask<TResult?> ReadAsync<TState, TResult>(
        string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options = default, CancellationToken cancellationToken = default) =>
        Inner.ReadAsync(key, state, reader, options, cancellationToken);

    public ValueTask<ulong> PutAsync(string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default) =>
        Inner.PutAsync(key, value, options, cancellationToken);

    public ValueTask<ulong> PurgeAsync(string key, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default) =>
        Inner.PurgeAsync(key, options, cancellationToken);

    public ValueTask<NatsKvEntry?> GetRevisionAsync(string key, ulong revision, CancellationToken cancellationToken = default) =>
        Inner.GetRevisionAsync(key, revision, cancellationToken);

    public ValueTask<NatsKvWriteResult> TryWriteAsync(
        NatsKvOperation operation, string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default) =>
        Inner.TryWriteAsync(operation, key, value, options, cancellationToken);

    public ValueTask<NatsKvWriteResult> TryCreateAsync(string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default) =>
        Inner.TryCreateAsync(key, value, options, cancellationToken);

    public ValueTask<long> EraseAsync(NatsKvErasure what = default, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<ulong> DeleteAsync(string key, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default) =>
        Inner.DeleteAsync(key, options, cancellationToken);

    public IAsyncEnumerable<NatsKvWatchEvent> WatchAsync(NatsKvWatchOptions? options = null, CancellationToken cancellationToken = default) =>
        Inner.WatchAsync(options, cancellationToken);

    public INatsKvWatch StartWatch(INatsKvWatchHandler handler, NatsKvWatchOptions? options = null) => Inner.StartWatch(handler, options);
}
