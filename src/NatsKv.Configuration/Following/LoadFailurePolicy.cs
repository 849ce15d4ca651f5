using NatsKv.Configuration.Settings;

namespace NatsKv.Configuration.Following;

/// <summary>What is worth waiting for, and what to tell the user who waited in vain.</summary>
internal static class LoadFailurePolicy
{
    /// <summary>
    /// An optional source waits for nothing that is known to be wrong: it starts empty and catches up later. A required one gives what can
    /// pass by itself, such as a server that is still starting, the whole time; what somebody has to put right fails at once.
    /// </summary>
    public static bool EndsWait(Exception cause, bool optional) => optional || !IsTransient(cause);

    /// <summary>The exception for a required source. What the client reports says already how to put it right, as far as the client can know.</summary>
    public static NatsKvConfigurationException ToException(LoadFailure failure, ConfigurationSettings settings)
    {
        string waited = failure.TimedOut ? $" within {settings.LoadTimeout}" : "";
        string reason = failure.Cause switch
        {
            null => "The server neither delivered nor refused. Check that the user may use '$JS.API.>' and '_INBOX.>', or allow more time with LoadTimeout.",
            NatsKvBucketNotFoundException cause => $"{cause.Message} Another bucket can be named in {NatsKvConfigurationSource.SectionName}:Bucket.",
            { } cause => cause.Message,
        };
        return new NatsKvConfigurationException(
            settings.Bucket,
            settings.Connection.Url,
            $"Configuration could not be loaded from bucket '{settings.Bucket}' at {settings.Connection.Url}{waited}. {reason} "
            + "To start without the bucket, make the source optional.",
            failure.Cause is null || IsTransient(failure.Cause),
            failure.Cause);
    }

    private static bool IsTransient(Exception cause) => cause is NatsKvException { IsTransient: true };
}
