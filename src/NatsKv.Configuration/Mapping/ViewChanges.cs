namespace NatsKv.Configuration.Mapping;

/// <summary>What a view has to tell since it was last asked.</summary>
/// <param name="Whole">Whether this is the whole content, so that everything else is gone, or only what may have changed.</param>
/// <param name="Items">Each configuration key once.</param>
internal sealed record ViewChanges(bool Whole, IReadOnlyList<ViewChange> Items);
