using Microsoft.Extensions.Logging;

namespace NatsKv.Caching.Diagnostics;

/// <summary>What the cache logs: keys only at Debug, values never.</summary>
internal static partial class CacheLog
{
    [LoggerMessage(1, LogLevel.Information, "Made bucket '{Bucket}' for the cache.")]
    public static partial void BucketMade(ILogger logger, string bucket);

    [LoggerMessage(2, LogLevel.Warning, "Bucket '{Bucket}' of the cache has gone. The next call looks for it again.")]
    public static partial void BucketGone(ILogger logger, string bucket);

    [LoggerMessage(3, LogLevel.Warning, "Bucket '{Bucket}' of the cache removes every entry after {MaxAge}, whatever longer life it was set with.")]
    public static partial void BucketEndsEntries(ILogger logger, string bucket, TimeSpan maxAge);

    [LoggerMessage(4, LogLevel.Debug, "The sliding window of '{Key}' could not begin anew.")]
    public static partial void TouchFailed(ILogger logger, string key, Exception exception);

    [LoggerMessage(5, LogLevel.Debug, "'{Key}' was written or removed by others while its sliding window was to begin anew; theirs holds.")]
    public static partial void TouchLost(ILogger logger, string key);

    [LoggerMessage(6, LogLevel.Warning, "A value that was too large to be stored could not be replaced by nothing in bucket '{Bucket}': the old one may still be served.")]
    public static partial void SupersededValueStays(ILogger logger, string bucket, Exception exception);
}
