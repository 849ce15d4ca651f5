namespace NatsKv.Caching.Buckets;

/// <summary>What a bucket must be like to be a cache.</summary>
internal static class BucketRequirements
{
    private const string Ttl = "per-key TTL";

    private const string Wanted =
        "history 1 (stream setting max_msgs_per_subject: 1) and limit markers (allow_msg_ttl: true, subject_delete_marker_ttl of 60 s, nats-server 2.11 or newer)";

    /// <summary>Whether a server can have such a bucket at all.</summary>
    /// <param name="bucket">The bucket's name.</param>
    /// <param name="server">What the server said of itself.</param>
    /// <exception cref="NatsKvNotSupportedException">It is too old.</exception>
    public static void ThrowIfTooOld(string bucket, NatsKvServerInfo? server)
    {
        if (server is { ApiLevel: < 1 })
        {
            throw new NatsKvNotSupportedException(
                Ttl,
                $"The cache in bucket '{bucket}' needs {Ttl}, which nats-server has since 2.11; server '{server.Name}' is {server.Version}. " +
                "Update the server to 2.11.10, 2.12.1 or newer. No bucket was made.");
        }
    }

    /// <summary>Takes a bucket as a cache, or says all that is wrong with it.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="status">What the server says of it.</param>
    /// <returns>The bucket as a cache.</returns>
    /// <exception cref="NatsKvBucketConfigException">It can't be one.</exception>
    public static CacheBucket Accept(INatsKvBucket bucket, NatsKvBucketStatus status)
    {
        var faults = new List<string>();
        if (status.Config.History != 1)
        {
            faults.Add($"it keeps {status.Config.History} revisions of a key, so that an older value would come back when a newer one expires");
        }

        if (!status.AllowsKeyTtl)
        {
            faults.Add("it doesn't allow a TTL per key, so that nothing would ever expire");
        }
        else if (status.Config.LimitMarkerTtl is null)
        {
            faults.Add("it leaves no markers when keys expire, so that nobody could see it happen");
        }

        return faults.Count == 0
            ? new CacheBucket(bucket, status.Config.LimitMarkerTtl!.Value, status.Config.MaxValueSize)
            : throw new NatsKvBucketConfigException(status.Bucket, Unfit(status.Bucket, faults));
    }

    /// <summary>The error for a bucket that is missing and may not be made.</summary>
    /// <param name="bucket">The bucket's name.</param>
    /// <returns>The error.</returns>
    public static NatsKvBucketConfigException Missing(string bucket) => new(
        bucket,
        $"There is no bucket '{bucket}' for the cache, and {NatsKvCacheOptions.SectionName}:CreateBucket is false, so the cache doesn't make it. " +
        $"Make it with {Wanted}, or set CreateBucket to true.");

    private static string Unfit(string bucket, List<string> faults) =>
        $"Bucket '{bucket}' can't be used as a cache: {string.Join("; and ", faults)}. The cache never changes an existing bucket, whatever " +
        $"CreateBucket says. Name another one in {NatsKvCacheOptions.SectionName}:Bucket, which is then made as it must be (with CreateBucket = false " +
        $"it isn't made, and must exist); or change this one to {Wanted}.";
}
