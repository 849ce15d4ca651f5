using System.Runtime.CompilerServices;

namespace NatsKv.Watching;

/// <summary>What is there now, of one and the same bucket: a watch that is left when its initial data is complete.</summary>
internal static class InitialData
{
    /// <exception cref="NatsKvBucketNotFoundException">There is no such bucket, or not any more.</exception>
    /// <exception cref="NatsKvBucketResetException">It is another bucket than at the beginning.</exception>
    public static async IAsyncEnumerable<NatsKvEntry> ReadAsync(
        INatsKvBucket bucket, NatsKvWatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (NatsKvWatchEvent item in bucket.WatchAsync(options with { IsFinite = true }, cancellationToken).ConfigureAwait(false))
        {
            switch (item.Kind)
            {
                case NatsKvWatchEventKind.Entry:
                    yield return item.Entry!;
                    break;
                case NatsKvWatchEventKind.Reset:
                    throw new NatsKvBucketResetException(bucket.Name);
                default:
                    yield break;
            }
        }
    }
}
