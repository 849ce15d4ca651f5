using NatsKv.JetStream;

namespace NatsKv.Buckets;

/// <summary>Bucket administration that runs to its end on the calling thread.</summary>
internal sealed class BlockingClient(Func<string, NatsKvBucketOptions?, BucketContext> contextOf) : INatsKvBlockingClient
{
    private readonly BucketAdministration _administration = new((bucket, options) => contextOf(bucket, options).ForBlocking());

    public INatsKvBucket GetBucket(string bucket, CancellationToken cancellationToken) =>
        Wrap(bucket, BlockingExchange.ResultOf(_administration.GetAsync(bucket, options: null, cancellationToken)));

    public INatsKvBucket CreateBucket(NatsKvBucketConfig config, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(config);
        return Wrap(config.Bucket, BlockingExchange.ResultOf(_administration.CreateAsync(config, cancellationToken)));
    }

    public NatsKvBucketStatus? FindBucket(string bucket, CancellationToken cancellationToken) =>
        BlockingExchange.ResultOf(_administration.FindAsync(bucket, cancellationToken));

    // The handle is for both kinds of callers; what was learned of the bucket goes with it.
    private NatsKvBucket Wrap(string bucket, BucketContext found)
    {
        BucketContext context = contextOf(bucket, null);
        context.Learn(found);
        return new NatsKvBucket(context);
    }
}
