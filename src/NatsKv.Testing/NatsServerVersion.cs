using System.Diagnostics.CodeAnalysis;

namespace NatsKv.Testing;

/// <summary>Which line of nats-server to run.</summary>
[SuppressMessage("Naming", "CA1707:Identifiers should not contain underscores", Justification = "V210 would read as two hundred and ten.")]
public enum NatsServerVersion
{
    /// <summary>The newest one to be had, 2.11 at least: the first with a TTL per key.</summary>
    Latest = 0,

    /// <summary>A 2.10: key/value buckets without a TTL per key, consumers as they are today.</summary>
    V2_10 = 1,

    /// <summary>A 2.9: the first line with direct gets, and the oldest that is worth a test.</summary>
    V2_9 = 2,
}
