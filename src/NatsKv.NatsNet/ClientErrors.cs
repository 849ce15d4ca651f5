using System.Net.Sockets;
using NATS.Client.Core;

namespace NatsKv.NatsNet;

/// <summary>Turns the official client's exceptions into ours.</summary>
internal static class ClientErrors
{
    private const string PermissionError = "Permissions Violation for ";

    /// <summary>What went wrong with an operation on a connection that there was.</summary>
    /// <returns>Ours; the exception itself where it says what it has to.</returns>
    public static Exception Map(Exception exception, INatsConnection connection, TimeSpan timeout) => exception switch
    {
        NatsKvException or ObjectDisposedException or ArgumentException => exception,
        TimeoutException or NatsTimeoutException or NatsNoReplyException =>
            new NatsKvTimeoutException(timeout, $"The connection to the NATS server at {Url(connection)} took nothing in for {timeout.TotalSeconds:0.#} s."),
        OperationCanceledException or NatsConnectionFailedException or SocketException or IOException => Lost(connection, exception.Message, exception),
        _ => new NatsKvException($"The NATS connection refused the message: {exception.Message}", exception),
    };

    /// <summary>What went wrong when a connection was to be made.</summary>
    public static Exception MapConnecting(Exception exception, INatsConnection connection)
    {
        if (exception is ObjectDisposedException)
        {
            return exception;
        }

        bool isRefused = exception is NatsServerException { IsAuthError: true } || exception.InnerException is NatsServerException { IsAuthError: true };
        return new NatsKvConnectionException(
            isRefused ? NatsKvConnectionFailure.Authentication : NatsKvConnectionFailure.Unreachable,
            Url(connection),
            $"No connection to the NATS server at {Url(connection)}: {exception.InnerException?.Message ?? exception.Message}",
            exception);
    }

    public static NatsKvConnectionException Lost(INatsConnection connection, string reason, Exception? cause = null) => new(
        NatsKvConnectionFailure.Lost, Url(connection), $"The connection to the NATS server at {Url(connection)} was lost: {reason}", cause);

    public static NatsKvConnectionException TooLate(INatsConnection connection, TimeSpan timeout) => new(
        NatsKvConnectionFailure.Unreachable, Url(connection), $"No connection to the NATS server at {Url(connection)} within {timeout.TotalSeconds:0.#} s.");

    /// <summary>Reads a server's refusal of a subject, which comes apart from the request or subscription that it means.</summary>
    public static bool TryGetRefusedSubject(string error, out string subject, out bool isPublish)
    {
        int at = error.IndexOf(PermissionError, StringComparison.OrdinalIgnoreCase);
        int quote = error.IndexOf('"', StringComparison.Ordinal);
        int endQuote = error.LastIndexOf('"');
        bool found = at >= 0 && quote >= 0 && endQuote > quote;
        subject = found ? error[(quote + 1)..endQuote] : "";
        isPublish = found && error.AsSpan(at + PermissionError.Length).StartsWith("Publish", StringComparison.OrdinalIgnoreCase);
        return found;
    }

    public static NatsKvPermissionException Refused(string subject, bool isPublish) => new(
        subject,
        $"The server's permissions don't let this user {(isPublish ? "publish" : "subscribe")} to '{subject}'. Grant that permission, or connect as another user.");

    /// <summary>Where the connection leads to, without credentials.</summary>
    private static string Url(INatsConnection connection) => string.Join(',', connection.Opts.Url.Split(',').Select(static one =>
    {
        int user = one.IndexOf("://", StringComparison.Ordinal) is var scheme and >= 0 ? scheme + 3 : 0;
        int host = one.LastIndexOf('@') + 1;
        return host > user ? string.Concat(one.AsSpan(0, user), one.AsSpan(host)) : one;
    }));
}
