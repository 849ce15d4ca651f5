using System.Runtime.CompilerServices;
using NatsKv.JetStream;

namespace NatsKv.Buckets;

/// <summary>Lists the buckets of the account, page by page. Streams that only look like buckets are left out.</summary>
internal sealed class BucketListing(JetStreamApi api)
{
    private const string AnyBucket = "$KV.*.>";

    public async IAsyncEnumerable<string> NamesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (int offset = 0; ;)
        {
            StreamNamesResponse page = await api.AskAsync(
                "STREAM.NAMES",
                new StreamPageRequest { Subject = AnyBucket, Offset = offset },
                JetStreamJsonContext.Default.StreamPageRequest,
                JetStreamJsonContext.Default.StreamNamesResponse,
                cancellationToken).ConfigureAwait(false);
            ThrowIfError(page);
            foreach (string stream in page.Streams ?? [])
            {
                if (BucketStream.BucketOf(stream) is { } bucket)
                {
                    yield return bucket;
                }
            }

            offset += page.Streams?.Length ?? 0;
            if (offset >= page.Total || page.Streams is null or { Length: 0 })
            {
                yield break;
            }
        }
    }

    public async IAsyncEnumerable<NatsKvBucketStatus> StatusesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (int offset = 0; ;)
        {
            StreamListResponse page = await api.AskAsync(
                "STREAM.LIST",
                new StreamPageRequest { Subject = AnyBucket, Offset = offset },
                JetStreamJsonContext.Default.StreamPageRequest,
                JetStreamJsonContext.Default.StreamListResponse,
                cancellationToken).ConfigureAwait(false);
            ThrowIfError(page);
            foreach (StreamInfoResponse info in page.Streams ?? [])
            {
                if (info.Config is { } config && BucketStream.IsBucket(config) && BucketStream.BucketOf(config.Name) is { } bucket)
                {
                    yield return BucketAdministration.ToStatus(bucket, info);
                }
            }

            offset += page.Streams?.Length ?? 0;
            if (offset >= page.Total || page.Streams is null or { Length: 0 })
            {
                yield break;
            }
        }
    }

    private static void ThrowIfError(IApiResponse page)
    {
        if (page.Error is { } error)
        {
            throw ApiErrors.ToException(error, "*");
        }
    }
}
