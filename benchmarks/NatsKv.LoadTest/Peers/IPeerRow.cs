using NatsKv.LoadTest.Rows;

namespace NatsKv.LoadTest.Peers;

/// <summary>A row that does with another client what one of ours does.</summary>
internal interface IPeerRow : IRow
{
    /// <summary>The row of ours: asked for by name, it brings its peers along.</summary>
    IRow Counterpart { get; }
}
