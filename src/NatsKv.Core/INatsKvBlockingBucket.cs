using System.Buffers;

namespace NatsKv;

/// <summary>
/// The key operations for interfaces that can't await. They block the calling thread on an event that the connection's own thread sets,
/// so they work on a starved thread pool and under any synchronization context. Where a caller can await, <see cref="INatsKvBucket"/> is
/// the better choice.
/// </summary>
public interface INatsKvBlockingBucket
{
    /// <inheritdoc cref="INatsKvBucket.ReadAsync{TState, TResult}"/>
    TResult? Read<TState, TResult>(
        string key,
        TState state,
        NatsKvEntryReader<TState, TResult> reader,
        NatsKvReadOptions options = default,
        CancellationToken cancellationToken = default);

    /// <inheritdoc cref="INatsKvBucket.PutAsync"/>
    ulong Put(string key, ReadOnlySequence<byte> value, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="INatsKvBucket.PurgeAsync"/>
    ulong Purge(string key, NatsKvWriteOptions options = default, CancellationToken cancellationToken = default);
}
