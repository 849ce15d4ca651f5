using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using NatsKv.JetStream;

namespace NatsKv.Buckets;

/// <summary>Lists the buckets of the account, page by page. Streams that only look like buckets are left out.</summary>
internal sealed class BucketListing(JetStreamApi api)
{
    private const string AnyBucket = BucketStream.SubjectPrefix + "*.>";

    public async IAsyncEnumerable<string> NamesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IAsyncEnumerable<string> streams = ListAsync<StreamNamesResponse, string>("STREAM.NAMES", JetStreamJsonContext.Default.StreamNamesResponse, cancellationToken);
        await foreach (string stream in streams.ConfigureAwait(false))
        {
            if (BucketStream.BucketOf(stream) is { } bucket)
            {
                yield return bucket;
            }
        }
    }

    public async IAsyncEnumerable<NatsKvBucketStatus> StatusesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IAsyncEnumerable<StreamInfoResponse> streams =
            ListAsync<StreamListResponse, StreamInfoResponse>("STREAM.LIST", JetStreamJsonContext.Default.StreamListResponse, cancellationToken);
        await foreach (StreamInfoResponse info in streams.ConfigureAwait(false))
        {
            if (info.Config is { } config && BucketStream.IsBucket(config) && BucketStream.BucketOf(config.Name) is { } bucket)
            {
                yield return BucketStatus.From(bucket, info);
            }
        }
    }

    // A page may be shorter than the one before because streams were deleted meanwhile; an empty one is the end.
    private async IAsyncEnumerable<TItem> ListAsync<TPage, TItem>(
        string operation, JsonTypeInfo<TPage> type, [EnumeratorCancellation] CancellationToken cancellationToken)
        where TPage : IStreamPage<TItem>
    {
        bool isLast = false;
        for (int offset = 0; !isLast;)
        {
            var request = new StreamPageRequest { Subject = AnyBucket, Offset = offset };
            TPage page = await api.AskAsync(operation, request, JetStreamJsonContext.Default.StreamPageRequest, type, CallDeadline.PerRequest(cancellationToken)).ConfigureAwait(false);
            if (page.Error is { } error)
            {
                throw ApiErrors.ToException(error, "*");
            }

            TItem[] streams = page.Streams ?? [];
            foreach (TItem stream in streams)
            {
                yield return stream;
            }

            offset += streams.Length;
            isLast = streams.Length == 0 || offset >= page.Total;
        }
    }
}
