namespace NatsKv.Testing;

/// <summary>A nats-server was started and ended at once, or wasn't ready in time.</summary>
public sealed class NatsServerStartException : Exception
{
    internal NatsServerStartException(string message, string logTail)
        : base(logTail.Length == 0 ? message : $"{message} The last lines of its log:{Environment.NewLine}{logTail}") => LogTail = logTail;

    /// <summary>The last lines of the server's log, with passwords and tokens taken out; empty if it logged nothing.</summary>
    public string LogTail { get; }
}
