using NatsKv.LoadTest.Commands;

namespace NatsKv.LoadTest.Measuring;

/// <summary>How long a row is measured: pairs of slices, one of ours and one of the floor, in turn.</summary>
internal sealed record SlicePlan(int Pairs, TimeSpan Slice, TimeSpan WarmUp)
{
    private const int FewestPairs = 10;

    // What runs often is compiled twice, the second time with what the first has learned, and in the background; before that, calls take
    // up to twice as long.
    private static readonly TimeSpan EnoughForTheJit = TimeSpan.FromSeconds(1.2);

    public static SlicePlan For(LoadTestSettings settings)
    {
        TimeSpan slice = TimeSpan.FromMilliseconds(settings.Quick ? 120 : 200);
        double seconds = settings.Seconds ?? (settings.Quick ? 3 : 6);
        if (seconds is not (> 0 and < 3600))
        {
            throw new ArgumentException("--seconds must be more than 0 and less than 3600.");
        }

        return new SlicePlan(Math.Max(FewestPairs, (int)(seconds / (2 * slice.TotalSeconds))), slice, EnoughForTheJit);
    }

    public override string ToString() => $"{Pairs} pairs of slices of {Slice.TotalMilliseconds:0} ms for each row";
}
