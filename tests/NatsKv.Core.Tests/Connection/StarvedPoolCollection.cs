namespace NatsKv.Tests.Connection;

/// <summary>Tests that need the process for themselves.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class StarvedPoolCollection
{
    public const string Name = "starved pool";
}
