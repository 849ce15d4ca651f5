using System.Runtime.InteropServices;

namespace NatsKv.LoadTest.Measuring;

/// <summary>What one slice achieved.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SliceCount(long Operations, TimeSpan Elapsed, long AllocatedBytes = 0, TimeSpan Cpu = default)
{
    /// <summary>Time on the processors, in this process.</summary>
    public double CpuMicrosPerOperation => Cpu.TotalMicroseconds / Math.Max(1, Operations);

    public double AllocatedBytesPerOperation => (double)AllocatedBytes / Math.Max(1, Operations);

    public double PerSecond => Operations / Elapsed.TotalSeconds;
}
