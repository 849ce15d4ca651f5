namespace NatsKv.Configuration.Following;

/// <summary>Why there is no content yet.</summary>
/// <param name="Cause">What the watch has said last; <see langword="null"/> if nothing.</param>
/// <param name="TimedOut">Whether the time was up, or the cause ended the wait.</param>
internal sealed record LoadFailure(Exception? Cause, bool TimedOut);
