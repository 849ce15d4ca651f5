namespace NatsKv;

/// <summary>A stream that holds a bucket's content: the bucket's own or a mirror.</summary>
public sealed record NatsKvAlternate
{
    /// <summary>The stream's name.</summary>
    public required string Stream { get; init; }

    /// <summary>The cluster that it is in; <see langword="null"/> outside one.</summary>
    public string? Cluster { get; init; }

    /// <summary>The JetStream domain that it is in, if that has a name.</summary>
    public string? Domain { get; init; }
}
