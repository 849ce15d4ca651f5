namespace NatsKv.Configuration.Mapping;

/// <summary>What became of one configuration key.</summary>
/// <param name="Key">The configuration key.</param>
/// <param name="Value">Its value, unless <paramref name="Removed"/>.</param>
/// <param name="Removed">Whether the key is gone.</param>
internal readonly record struct ViewChange(string Key, string? Value, bool Removed);
