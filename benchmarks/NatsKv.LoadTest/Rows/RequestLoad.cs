using NatsKv.LoadTest.Floor;
using NatsKv.LoadTest.Loads;

namespace NatsKv.LoadTest.Rows;

/// <summary>What a <see cref="RequestRow"/> runs in turn.</summary>
/// <param name="Keys">The keys that the callers go through.</param>
/// <param name="Loop">The loop of each caller.</param>
/// <param name="Floor">The same on the wire.</param>
internal sealed record RequestLoad(string[] Keys, Func<Caller, Task> Loop, IFloor Floor);
