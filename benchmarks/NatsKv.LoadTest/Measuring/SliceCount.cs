using System.Runtime.InteropServices;

namespace NatsKv.LoadTest.Measuring;

/// <summary>What one slice achieved.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SliceCount(long Operations, TimeSpan Elapsed, long AllocatedBytes = 0)
{
    public double PerSecond => Operations / Elapsed.TotalSeconds;
}
