using NatsKv.LoadTest.Measuring;

namespace NatsKv.LoadTest.Rows;

/// <summary>What callers do after each reply.</summary>
internal static class BusyReplies
{
    private const int OneIn = 1000;

    private static readonly TimeSpan Block = TimeSpan.FromMilliseconds(100);

    public static Action Compute(TimeSpan duration)
    {
        var work = new CpuWork(duration);
        return () => work.Do();
    }

    public static Action BlockOneInAThousand()
    {
        int replies = 0;
        return () =>
        {
            if (Interlocked.Increment(ref replies) % OneIn == 0)
            {
                Thread.Sleep(Block);
            }
        };
    }
}
