namespace NatsKv;

/// <summary>A key of a <see cref="NatsKvView"/> is another than before.</summary>
/// <param name="Key">The key.</param>
/// <param name="Before">What the view held; <see langword="null"/> if the key is new.</param>
/// <param name="After">What it holds now; <see langword="null"/> if the key was deleted, purged, or has expired.</param>
public readonly record struct NatsKvViewChange(string Key, NatsKvEntry? Before, NatsKvEntry? After);
