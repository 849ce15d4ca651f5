using NatsKv.Configuration.Settings;

namespace NatsKv.Configuration.Following;

/// <summary>What is worth waiting for, and what to tell the user who waited in vain.</summary>
internal static class LoadFailurePolicy
{
    /// <summary>
    /// An optional source waits for nothing that is known to be wrong: it starts empty and catches up later. A required one gives what can
    /// pass by itself, such as a server that is still starting, the whole time; what somebody has to put right fails at once.
    /// </summary>
    public static bool EndsWait(Exception cause, bool optional, NatsKvServerInfo? server) =>
        optional || !IsTransient(cause) || server is { JetStream: false };

    /// <summary>The exception for a required source.</summary>
    public static NatsKvConfigurationException ToException(LoadFailure failure, ConfigurationSettings settings, NatsKvServerInfo? server)
    {
        string waited = failure.TimedOut ? $" within {settings.LoadTimeout}" : "";
        string cause = failure.Cause is null ? "" : $": {failure.Cause.Message}";
        string remedy = Remedy(failure.Cause, settings.Bucket, server);
        string message =
            $"Configuration could not be loaded from bucket '{settings.Bucket}' at {settings.Connection.Url}{waited}{cause}{(cause.EndsWith('.') ? "" : ".")} {remedy} "
            + "A source with Optional = true starts without its bucket.";
        return new NatsKvConfigurationException(
            settings.Bucket, settings.Connection.Url, message, failure.Cause is null || IsTransient(failure.Cause), failure.Cause);
    }

    private static bool IsTransient(Exception cause) => cause is NatsKvException { IsTransient: true };

    private static string Remedy(Exception? cause, string bucket, NatsKvServerInfo? server) => cause switch
    {
        _ when server is { JetStream: false } => "JetStream is off on that server: start it with 'nats-server -js', or with a 'jetstream' block in its configuration file.",
        NatsKvBucketNotFoundException => $"Create the bucket with 'nats kv add {bucket}', or name another one in {NatsKvConfigurationSource.SectionName}:Bucket.",
        NatsKvConnectionException { Failure: NatsKvConnectionFailure.Authentication } =>
            "Set the credentials in NatsKv:User and NatsKv:Password, or NatsKv:Token, or in the URL.",
        NatsKvConnectionException { Failure: NatsKvConnectionFailure.Tls } => "Use a 'tls://' URL if the server wants TLS, and check its certificate.",
        NatsKvConnectionException => "Start the server, or set its address in NatsKv:Url or ConnectionStrings:nats.",
        NatsKvPermissionException => "Grant the user that permission.",
        null => "The server neither delivered nor refused; check the user's permissions on '$JS.API.>' and '_INBOX.>', or give it more time with LoadTimeout.",
        _ => "Check the server's log.",
    };
}
