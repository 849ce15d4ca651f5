using NatsKv.LoadTest.Measuring;

namespace NatsKv.LoadTest.Floor;

/// <summary>The same work on the wire, with as little beside it as can be.</summary>
internal interface IFloor : IDisposable
{
    SliceCount Run(TimeSpan slice);
}
