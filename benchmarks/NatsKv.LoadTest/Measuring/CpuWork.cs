using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace NatsKv.LoadTest.Measuring;

/// <summary>A fixed amount of computing. Waiting for a clock would count the time in which the thread had no core as work done.</summary>
internal sealed class CpuWork
{
    private const int Probe = 200_000;
    private static readonly Lazy<double> RoundsPerMicrosecond = new(Calibrate);

    private readonly int _rounds;

    public CpuWork(TimeSpan duration) => _rounds = (int)(duration.TotalMicroseconds * RoundsPerMicrosecond.Value);

    public uint Do() => Spin(_rounds);

    // The best of many: in the others somebody else had the core.
    private static double Calibrate()
    {
        double best = 0;
        for (int i = 0; i < 200; i++)
        {
            long begun = Stopwatch.GetTimestamp();
            Spin(Probe);
            best = Math.Max(best, Probe / Stopwatch.GetElapsedTime(begun).TotalMicroseconds);
        }

        return best;
    }

    // Optimized from the first call: calibrated before the JIT is done with it, the work would be a fraction of what it is meant to be.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static uint Spin(int rounds)
    {
        uint state = 2463534242;
        for (int i = 0; i < rounds; i++)
        {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
        }

        return state;
    }
}
