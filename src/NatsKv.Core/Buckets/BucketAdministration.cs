using System.Text.Json;
using System.Text.Json.Nodes;
using NatsKv.JetStream;

namespace NatsKv.Buckets;

/// <summary>Making, changing, finding and deleting buckets.</summary>
internal sealed class BucketAdministration(Func<string, BucketContext> contextOf)
{
    private static readonly Version FirstWithKeyTtl = new(2, 11);

    public static NatsKvBucketStatus ToStatus(string bucket, StreamInfoResponse info) => new()
    {
        Bucket = bucket,
        Created = info.Created,
        Config = BucketStream.FromStream(bucket, info.Config!),
        Keys = info.State.Subjects,
        Values = info.State.Messages,
        Bytes = info.State.Bytes,
        LastRevision = info.State.LastSequence,
        AllowsKeyTtl = info.Config!.AllowMessageTtl is true,
        AllowsDirectGet = info.Config.AllowDirect,
    };

    public async ValueTask<BucketContext> GetAsync(string bucket, CancellationToken cancellationToken)
    {
        BucketContext context = contextOf(bucket);
        await context.GetInfoAsync(cancellationToken).ConfigureAwait(false);
        return context;
    }

    public async ValueTask<NatsKvBucketStatus?> FindAsync(string bucket, CancellationToken cancellationToken)
    {
        try
        {
            return ToStatus(bucket, await contextOf(bucket).GetInfoAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (NatsKvBucketNotFoundException)
        {
            return null;
        }
    }

    public async ValueTask<BucketContext> CreateAsync(NatsKvBucketConfig config, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(config);
        StreamConfigDocument stream = BucketStream.ToStream(config);
        BucketContext context = contextOf(config.Bucket);
        if (config.LimitMarkerTtl is not null)
        {
            await ThrowIfTooOldForTtlAsync(context, cancellationToken).ConfigureAwait(false);
        }

        StreamInfoResponse info = await context.Api.AskAsync(
            $"STREAM.CREATE.{stream.Name}",
            stream,
            JetStreamJsonContext.Default.StreamConfigDocument,
            JetStreamJsonContext.Default.StreamInfoResponse,
            cancellationToken).ConfigureAwait(false);
        return Accept(context, config, info);
    }

    /// <summary>
    /// Changes what <see cref="NatsKvBucketConfig"/> can say and leaves the rest as the server has it: an update replaces the whole
    /// configuration, and one that is made from what a client knows resets everything that it doesn't know.
    /// </summary>
    public async ValueTask<BucketContext> CreateOrUpdateAsync(NatsKvBucketConfig config, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(config);
        StreamConfigDocument wanted = BucketStream.ToStream(config);
        BucketContext context = contextOf(config.Bucket);
        JsonObject answer = await context.Api.AskAsync(
            $"STREAM.INFO.{wanted.Name}", default, JetStreamJsonContext.Default.JsonObject, cancellationToken).ConfigureAwait(false);
        if (answer["config"] is not JsonObject present)
        {
            ApiError error = answer["error"].Deserialize(JetStreamJsonContext.Default.ApiError) ?? new ApiError();
            return error.ErrorCode == ErrorCodes.StreamNotFound
                ? await CreateAsync(config, cancellationToken).ConfigureAwait(false)
                : throw ApiErrors.ToException(error, config.Bucket);
        }

        if (config.LimitMarkerTtl is not null)
        {
            await ThrowIfTooOldForTtlAsync(context, cancellationToken).ConfigureAwait(false);
        }

        Merge(present, wanted);
        StreamInfoResponse info = await context.Api.AskAsync(
            $"STREAM.UPDATE.{wanted.Name}",
            JsonSerializer.SerializeToUtf8Bytes(present, JetStreamJsonContext.Default.JsonObject),
            JetStreamJsonContext.Default.StreamInfoResponse,
            cancellationToken).ConfigureAwait(false);
        return Accept(context, config, info);
    }

    public async ValueTask<bool> DeleteAsync(string bucket, CancellationToken cancellationToken)
    {
        BucketContext context = contextOf(bucket);
        DeleteResponse response = await context.Api.AskAsync(
            $"STREAM.DELETE.{context.Subjects.Stream}", default, JetStreamJsonContext.Default.DeleteResponse, cancellationToken).ConfigureAwait(false);
        return response.Error switch
        {
            null => true,
            { ErrorCode: ErrorCodes.StreamNotFound } => false,
            { } error => throw ApiErrors.ToException(error, bucket),
        };
    }

    private static BucketContext Accept(BucketContext context, NatsKvBucketConfig config, StreamInfoResponse info)
    {
        if (info.Error is { } error)
        {
            throw ApiErrors.ToException(error, config.Bucket);
        }

        // Servers before 2.11 take the setting without a word and ignore it; the answer tells.
        if (config.LimitMarkerTtl is not null && info.Config?.AllowMessageTtl is not true)
        {
            throw ApiErrors.ServerTooOldForTtl(config.Bucket, context.Exchange.Server);
        }

        context.Remember(info);
        return context;
    }

    private static async ValueTask ThrowIfTooOldForTtlAsync(BucketContext context, CancellationToken cancellationToken)
    {
        if (context.Exchange.Server is null)
        {
            // The first request makes the connection, and with it the server is known.
            await context.Api.AskAsync("INFO", default, JetStreamJsonContext.Default.ApiStatusResponse, cancellationToken).ConfigureAwait(false);
        }

        if (ServerAge.IsBefore(context.Exchange.Server, FirstWithKeyTtl))
        {
            throw ApiErrors.ServerTooOldForTtl(context.Subjects.Bucket, context.Exchange.Server);
        }
    }

    private static void Merge(JsonObject present, StreamConfigDocument wanted)
    {
        present["description"] = wanted.Description;
        present["storage"] = wanted.Storage;
        present["num_replicas"] = wanted.Replicas;
        present["max_msgs_per_subject"] = wanted.MaxMessagesPerSubject;
        present["max_bytes"] = wanted.MaxBytes;
        present["max_msg_size"] = wanted.MaxMessageSize;
        present["max_age"] = wanted.MaxAge;
        present["duplicate_window"] = wanted.DuplicateWindow;
        present["compression"] = wanted.Compression ?? "none";
        present["subject_delete_marker_ttl"] = wanted.SubjectDeleteMarkerTtl ?? 0;

        // Servers never take this one back.
        if (wanted.AllowMessageTtl is true)
        {
            present["allow_msg_ttl"] = true;
        }
    }
}
