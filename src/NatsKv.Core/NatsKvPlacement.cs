namespace NatsKv;

/// <summary>Which servers may hold a bucket.</summary>
public sealed record NatsKvPlacement
{
    /// <summary>The name of the cluster.</summary>
    /// <value>The default is <see langword="null"/>: the cluster that the request reaches.</value>
    public string? Cluster { get; init; }

    /// <summary>Tags that each of the servers must have.</summary>
    /// <value>The default is none.</value>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <inheritdoc/>
    public bool Equals(NatsKvPlacement? other) => other is not null && Cluster == other.Cluster && Tags.SequenceEqual(other.Tags, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Cluster, Tags.Count);
}
