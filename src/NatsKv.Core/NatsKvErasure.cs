namespace NatsKv;

/// <summary>Which revisions to remove from a bucket for good, without leaving markers; the default is all of them.</summary>
/// <remarks>Watches are not told of what is removed in this way; a running one notices, and gives its view anew.</remarks>
public readonly record struct NatsKvErasure
{
    /// <summary>The keys: a key, or a filter with <c>*</c> for one token and a closing <c>></c> for the rest.</summary>
    /// <value>The default is <see langword="null"/>: every key.</value>
    public string? Filter { get; init; }

    /// <summary>Only revisions below this one.</summary>
    /// <value>The default is <see langword="null"/>: any revision.</value>
    public ulong? Before { get; init; }

    /// <summary>How many of the latest revisions stay; only for one key, and not together with <see cref="Before"/>.</summary>
    /// <value>The default is <see langword="null"/>: none.</value>
    public int? Keep { get; init; }
}
