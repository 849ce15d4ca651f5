using NatsKv.JetStream;

namespace NatsKv.Buckets;

/// <summary>Making, finding and deleting buckets.</summary>
internal sealed class BucketAdministration(Func<string, NatsKvBucketOptions?, BucketContext> contextOf)
{
    public async ValueTask<BucketContext> GetAsync(string bucket, NatsKvBucketOptions? options, CancellationToken cancellationToken)
    {
        if (options is { AskServer: false })
        {
            throw new ArgumentException($"To get bucket '{bucket}' is to ask the server about it. Use Bind, or leave {nameof(NatsKvBucketOptions.AskServer)} on.", nameof(options));
        }

        BucketContext context = contextOf(bucket, options);
        await context.GetInfoAsync(context.BeginCall(cancellationToken)).ConfigureAwait(false);
        return context;
    }

    public async ValueTask<NatsKvBucketStatus?> FindAsync(string bucket, CancellationToken cancellationToken)
    {
        try
        {
            BucketContext context = contextOf(bucket, null);
            return BucketStatus.From(bucket, await context.GetInfoAsync(context.BeginCall(cancellationToken)).ConfigureAwait(false));
        }
        catch (NatsKvBucketNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Makes a bucket. One that an old client made otherwise the same is brought up to date (ADR-8).</summary>
    public async ValueTask<BucketContext> CreateAsync(NatsKvBucketConfig config, CancellationToken cancellationToken)
    {
        (BucketContext context, StreamConfigDocument wanted, CallDeadline deadline) = await PrepareAsync(config, cancellationToken).ConfigureAwait(false);
        if (!await BucketChange.TryCreateAsync(context, wanted, deadline).ConfigureAwait(false))
        {
            await BucketChange.RepairAsync(context, wanted, deadline).ConfigureAwait(false);
        }

        return context;
    }

    /// <summary>Makes a bucket, or makes an existing one so. Another host may do the same at the same time.</summary>
    public async ValueTask<BucketContext> CreateOrUpdateAsync(NatsKvBucketConfig config, CancellationToken cancellationToken)
    {
        (BucketContext context, StreamConfigDocument wanted, CallDeadline deadline) = await PrepareAsync(config, cancellationToken).ConfigureAwait(false);
        if (!await BucketChange.TryCreateAsync(context, wanted, deadline).ConfigureAwait(false))
        {
            await BucketChange.UpdateAsync(context, _ => config, deadline).ConfigureAwait(false);
        }

        return context;
    }

    /// <summary>Changes an existing bucket.</summary>
    public async ValueTask<BucketContext> UpdateAsync(string bucket, Func<NatsKvBucketConfig, NatsKvBucketConfig> change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        BucketContext context = contextOf(bucket, null);
        await BucketChange.UpdateAsync(context, change, context.BeginCall(cancellationToken)).ConfigureAwait(false);
        return context;
    }

    public async ValueTask<bool> DeleteAsync(string bucket, CancellationToken cancellationToken)
    {
        BucketContext context = contextOf(bucket, null);
        DeleteResponse response = await context.Api.AskAsync(
            $"STREAM.DELETE.{context.Subjects.Stream}", default, JetStreamJsonContext.Default.DeleteResponse, context.BeginCall(cancellationToken)).ConfigureAwait(false);
        return response.Error switch
        {
            null => true,
            { ErrorCode: ErrorCodes.StreamNotFound } => false,
            { } error => throw ApiErrors.ToException(error, bucket),
        };
    }

    private async ValueTask<(BucketContext Context, StreamConfigDocument Wanted, CallDeadline Deadline)> PrepareAsync(
        NatsKvBucketConfig config, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(config);
        StreamConfigDocument wanted = BucketStream.ToStream(config);
        BucketContext context = contextOf(config.Bucket, null);
        CallDeadline deadline = context.BeginCall(cancellationToken);
        await BucketChange.ThrowIfNotSupportedAsync(context, config, deadline).ConfigureAwait(false);
        return (context, wanted, deadline);
    }
}
