using System.Buffers;

namespace NatsKv.Configuration.Tests.Fakes;

internal sealed class FakeBucket(FakeServer server, string name) : INatsKvBucket
{
    public string Name => name;

    public INatsKvBlockingBucket Blocking => throw new NotSupportedException();

    public INatsKvWatch StartWatch(INatsKvWatchHandler handler, NatsKvWatchOptions? options = null) => server.Start(handler, options ?? new NatsKvWatchOptions());

    public ValueTask<TResult?> ReadAsync<TState, TResult>(
        string key, TState state, NatsKvEntryReader<TState, TResult> reader, NatsKvReadOptions options = default, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public ValueTask<NatsKvEntry?> GetRevisionAsync(string key, ulong revision, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<ulong> PutAsync(string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public ValueTask<NatsKvWriteResult> TryWriteAsync(
        NatsKvOperation operation, string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public ValueTask<NatsKvWriteResult> TryCreateAsync(string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public ValueTask<long> EraseAsync(NatsKvErasure what = default, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<ulong> DeleteAsync(string key, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<ulong> PurgeAsync(string key, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IAsyncEnumerable<NatsKvWatchEvent> WatchAsync(NatsKvWatchOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<NatsKvBucketStatus> GetStatusAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();
}
