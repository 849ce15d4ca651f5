using Microsoft.Extensions.Logging;

namespace NatsKv.Configuration;

/// <summary>What the package logs. Bucket keys only at Debug, values never.</summary>
internal static partial class ConfigurationLog
{
    [LoggerMessage(1, LogLevel.Debug, "Bucket {Bucket} is published with {Count} settings; {Changes} were looked at.")]
    public static partial void Published(ILogger logger, string bucket, int count, int changes);

    [LoggerMessage(2, LogLevel.Warning, "Going on without the present content of bucket {Bucket}; it is loaded as soon as it can be. {Reason}")]
    public static partial void NotLoaded(ILogger logger, string bucket, string reason);

    [LoggerMessage(3, LogLevel.Warning, "Bucket {Bucket} is not followed for now; its last known settings stay. Trying again.")]
    public static partial void Interrupted(ILogger logger, string bucket, Exception cause);

    [LoggerMessage(4, LogLevel.Debug, "Bucket {Bucket} is still not followed: {Reason}")]
    public static partial void StillInterrupted(ILogger logger, string bucket, string reason);

    [LoggerMessage(5, LogLevel.Information, "Bucket {Bucket} was made anew or set back; its content is read again.")]
    public static partial void BucketReset(ILogger logger, string bucket);

    [LoggerMessage(6, LogLevel.Warning, "A value in bucket {Bucket}, revision {Revision}, is not UTF-8 text. The key's last good value stays.")]
    public static partial void ValueRejected(ILogger logger, string bucket, ulong revision);

    [LoggerMessage(7, LogLevel.Debug, "Key {Key}, revision {Revision}, is not UTF-8 text.")]
    public static partial void ValueRejectedKey(ILogger logger, string key, ulong revision);

    [LoggerMessage(8, LogLevel.Warning, "Two keys of bucket {Bucket} mean the same setting; revision {Revision} is one of them. The newer revision is shown.")]
    public static partial void KeysCollide(ILogger logger, string bucket, ulong revision);

    [LoggerMessage(9, LogLevel.Debug, "Key {Key}, revision {Revision}, means the same setting as another key.")]
    public static partial void KeysCollideKey(ILogger logger, string key, ulong revision);

    [LoggerMessage(10, LogLevel.Error, "A listener failed while the change of bucket {Bucket} was reported. The new settings are in place.")]
    public static partial void ListenerFailed(ILogger logger, string bucket, Exception exception);
}
