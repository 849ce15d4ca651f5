namespace NatsKv;

/// <summary>One report of a watch.</summary>
/// <param name="Kind">What is reported.</param>
/// <param name="Entry">The revision, when <paramref name="Kind"/> is <see cref="NatsKvWatchEventKind.Entry"/>.</param>
public readonly record struct NatsKvWatchEvent(NatsKvWatchEventKind Kind, NatsKvEntry? Entry = null);
