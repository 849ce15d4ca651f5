namespace NatsKv;

/// <summary>What became of a write that may lose a race: losing is a result here, no exception.</summary>
/// <param name="IsStored">Whether the write took place. If not, somebody else was faster, and nothing was written.</param>
/// <param name="Revision">
/// The new revision when the write took place; else the key's latest revision, which was in the way, as far as the server told: 0 when it
/// didn't, as on replicated buckets while another write of the key is under way, or when the key has no revision at all.
/// </param>
public readonly record struct NatsKvWriteResult(bool IsStored, ulong Revision);
