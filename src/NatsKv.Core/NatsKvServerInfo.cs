namespace NatsKv;

/// <summary>What a server says of itself when a client connects.</summary>
public sealed record NatsKvServerInfo
{
    /// <summary>The server's id, which is another after each start; <see langword="null"/> if it is not known.</summary>
    public string? Id { get; init; }

    /// <summary>The server's name.</summary>
    public required string Name { get; init; }

    /// <summary>The server's version, for example <c>2.15.1</c>.</summary>
    public required string Version { get; init; }

    /// <summary>The cluster it belongs to, or <see langword="null"/>.</summary>
    public string? Cluster { get; init; }

    /// <summary>Whether JetStream is on.</summary>
    public required bool JetStream { get; init; }

    /// <summary>The JetStream API level: 1 since 2.11, 2 since 2.12, …; 0 for older servers. At least; not every transport is told.</summary>
    public required int ApiLevel { get; init; }

    /// <summary>The largest message in bytes, headers included.</summary>
    public required int MaxPayload { get; init; }
}
