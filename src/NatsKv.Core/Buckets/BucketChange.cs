using System.Text.Json;
using System.Text.Json.Nodes;
using NatsKv.Connection;
using NatsKv.JetStream;

namespace NatsKv.Buckets;

/// <summary>Makes and changes the stream under a bucket. What we don't know of its configuration stays as it is.</summary>
internal static class BucketChange
{
    private const int MostCreations = 5;

    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Asks for what servers before 2.11 take without a word and ignore.</summary>
    /// <exception cref="NatsKvNotSupportedException">The server lacks what the configuration needs.</exception>
    public static async ValueTask ThrowIfNotSupportedAsync(BucketContext context, NatsKvBucketConfig config, CallDeadline deadline)
    {
        Capability[] needed = [.. Capability.NeededBy(config)];
        if (needed.Length == 0)
        {
            return;
        }

        ApiStatusResponse status = await context.Api.AskAsync("INFO", default, JetStreamJsonContext.Default.ApiStatusResponse, deadline).ConfigureAwait(false);
        int level = status.Api?.Level ?? 0;
        foreach (Capability capability in needed)
        {
            if (capability.IsMissing(context.Exchange.Server, level))
            {
                throw capability.Refusal(context.Subjects.Bucket, context.Exchange.Server, level);
            }
        }
    }

    /// <summary>Makes the stream.</summary>
    /// <returns><see langword="false"/> if there is another stream of that name.</returns>
    public static async ValueTask<bool> TryCreateAsync(BucketContext context, StreamConfigDocument wanted, CallDeadline deadline)
    {
        for (int attempt = 1; ; attempt++)
        {
            StreamInfoResponse info = await context.Api.AskAsync(
                $"STREAM.CREATE.{wanted.Name}",
                wanted,
                JetStreamJsonContext.Default.StreamConfigDocument,
                JetStreamJsonContext.Default.StreamInfoResponse,
                deadline).ConfigureAwait(false);
            if (info.Error is { ErrorCode: ErrorCodes.StreamNameInUse })
            {
                return false;
            }

            TimeSpan pause = Backoff.Delay(attempt, LongestPause, Random.Shared.NextDouble());
            if (info.Error is not { } error || !IsStoreOccupied(error) || attempt == MostCreations || deadline.Left <= pause)
            {
                Accept(context, wanted, info);
                return true;
            }

            await context.Exchange.PauseAsync(pause, deadline).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the configuration, lets it be changed, and writes it back. Of two changes at the same time the later one wins: servers know no condition here.</summary>
    public static async ValueTask UpdateAsync(BucketContext context, Func<NatsKvBucketConfig, NatsKvBucketConfig> change, CallDeadline deadline)
    {
        string bucket = context.Subjects.Bucket;
        (JsonObject present, StreamConfigDocument known) = await ReadAsync(context, deadline).ConfigureAwait(false);
        NatsKvBucketConfig before = BucketStream.FromStream(bucket, known);
        NatsKvBucketConfig after = change(before) ?? throw new ArgumentException($"The change of bucket '{bucket}' returned no configuration.", nameof(change));
        if (after.Bucket != bucket)
        {
            throw new ArgumentException($"A bucket can't be renamed: '{bucket}' to '{after.Bucket}'. Make a new one and copy the keys.", nameof(change));
        }

        StreamConfigDocument wanted = BucketStream.ToStream(after);
        await ThrowIfNotSupportedAsync(context, after, deadline).ConfigureAwait(false);
        StreamConfigMerge.Apply(present, BucketStream.ToStream(before), wanted);
        await WriteAsync(context, present, wanted, deadline).ConfigureAwait(false);
    }

    /// <summary>Brings a bucket up to date that differs only in what clients once did otherwise.</summary>
    /// <exception cref="NatsKvBucketExistsException">It differs in more; says in what.</exception>
    public static async ValueTask RepairAsync(BucketContext context, StreamConfigDocument wanted, CallDeadline deadline)
    {
        (JsonObject present, StreamConfigDocument known) = await ReadAsync(context, deadline).ConfigureAwait(false);
        IReadOnlyList<string> differences = StreamConfigMerge.Differences(known, wanted);
        if (!StreamConfigMerge.IsRepairable(differences, wanted))
        {
            throw new NatsKvBucketExistsException(context.Subjects.Bucket, differences);
        }

        StreamConfigMerge.Apply(present, known, wanted);
        await WriteAsync(context, present, wanted, deadline).ConfigureAwait(false);
    }

    // A deleted bucket's folder may still be on its way out when one of that name is made anew: seen once in a thousand times.
    private static bool IsStoreOccupied(ApiError error) =>
        error.ErrorCode == ErrorCodes.StreamNotCreated && error.Description.Contains("store", StringComparison.OrdinalIgnoreCase);

    private static async ValueTask<(JsonObject Present, StreamConfigDocument Known)> ReadAsync(BucketContext context, CallDeadline deadline)
    {
        JsonObject answer = await context.Api.AskAsync(
            $"STREAM.INFO.{context.Subjects.Stream}", default, JetStreamJsonContext.Default.JsonObject, deadline).ConfigureAwait(false);
        if (answer["config"] is not JsonObject present)
        {
            ApiError error = answer["error"].Deserialize(JetStreamJsonContext.Default.ApiError) ?? new ApiError();
            throw ApiErrors.ToException(error, context.Subjects.Bucket);
        }

        StreamConfigDocument known = present.Deserialize(JetStreamJsonContext.Default.StreamConfigDocument)!;
        context.ThrowIfNoBucket(known);
        return (present, known);
    }

    private static async ValueTask WriteAsync(BucketContext context, JsonObject config, StreamConfigDocument wanted, CallDeadline deadline)
    {
        StreamInfoResponse info = await context.Api.AskAsync(
            $"STREAM.UPDATE.{context.Subjects.Stream}", StreamConfigMerge.ToBytes(config), JetStreamJsonContext.Default.StreamInfoResponse, deadline).ConfigureAwait(false);
        Accept(context, wanted, info);

        // The answer doesn't tell whether the bucket has mirrors.
        context.Forget();
    }

    private static void Accept(BucketContext context, StreamConfigDocument wanted, StreamInfoResponse info)
    {
        if (info.Error is { } error)
        {
            throw ApiErrors.ToException(error, context.Subjects.Bucket);
        }

        // In case a server that couldn't be asked what it is has ignored the setting.
        if (wanted.AllowMessageTtl is true && info.Config?.AllowMessageTtl is not true)
        {
            throw Capability.KeyTtl.Refusal(context.Subjects.Bucket, context.Exchange.Server, 0);
        }

        context.Remember(info);
    }
}
