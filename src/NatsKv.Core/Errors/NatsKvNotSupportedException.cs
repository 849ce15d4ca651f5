namespace NatsKv;

/// <summary>The server, or the bucket as it is configured, can't do what was asked.</summary>
public sealed class NatsKvNotSupportedException : NatsKvException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="feature">What was asked for, for example <c>per-key TTL</c>.</param>
    /// <param name="message">What is missing and how to get it.</param>
    public NatsKvNotSupportedException(string feature, string message)
        : base(message) => Feature = feature;

    /// <summary>What was asked for.</summary>
    public string Feature { get; }

    /// <summary>The JetStream API level that has it (ADR-44); 0 if a level doesn't decide.</summary>
    public int RequiredApiLevel { get; init; }

    /// <summary>The JetStream API level of the server; 0 before nats-server 2.11, or if a level doesn't decide.</summary>
    public int ServerApiLevel { get; init; }
}
