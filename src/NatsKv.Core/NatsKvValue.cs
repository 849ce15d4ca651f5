namespace NatsKv;

/// <summary>A decoded value and the revision it has, which an update expects.</summary>
/// <typeparam name="T">What it was decoded to.</typeparam>
/// <param name="Value">The value; <see langword="null"/> if that is what was stored.</param>
/// <param name="Revision">The revision.</param>
public sealed record NatsKvValue<T>(T? Value, ulong Revision);
