using Microsoft.Extensions.Logging;

namespace NatsKv.Connection;

/// <summary>What a connection logs: one line for each change of state. Addresses are without credentials.</summary>
internal static partial class ConnectionLog
{
    [LoggerMessage(1, LogLevel.Information, "Connected to NATS server {Server} {Version} at {Url}")]
    public static partial void Connected(this ILogger logger, string url, string server, string version);

    [LoggerMessage(2, LogLevel.Warning, "The connection to the NATS server at {Url} was lost ({Reason}); reconnecting")]
    public static partial void Disconnected(this ILogger logger, string url, string reason);

    [LoggerMessage(3, LogLevel.Debug, "Attempt {Attempt} to connect to NATS failed, next in {Delay}")]
    public static partial void ConnectFailed(this ILogger logger, Exception exception, int attempt, TimeSpan delay);

    [LoggerMessage(4, LogLevel.Warning, "The NATS server at {Url} reports: {Error}")]
    public static partial void ServerError(this ILogger logger, string url, string error);

    [LoggerMessage(6, LogLevel.Error, "The code behind an operation of the NATS client threw an exception that nobody caught")]
    public static partial void ContinuationThrew(this ILogger logger, Exception exception);

    [LoggerMessage(5, LogLevel.Error, "Connecting to NATS failed in an unexpected way")]
    public static partial void Unexpected(this ILogger logger, Exception exception);
}
