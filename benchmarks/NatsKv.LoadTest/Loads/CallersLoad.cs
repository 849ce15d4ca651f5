using System.Diagnostics;
using NatsKv.LoadTest.Measuring;

namespace NatsKv.LoadTest.Loads;

/// <summary>
/// Asynchronous loops that call a client until the slice ends. They begin on the measuring thread and go on wherever the client lets them: a
/// slice that woke the thread pool for each loop would measure that too. The operations must not complete at once.
/// </summary>
internal sealed class CallersLoad(int callers, string[] keys, Func<Caller, Task> loop)
{
    // Every operation of a single caller is timed; of many callers a part, so that the clock costs nothing.
    private const int SampleEvery = 16;

    private readonly Caller[] _callers =
        [.. Enumerable.Range(0, callers).Select(index => new Caller(index * keys.Length / callers, 1, keys, callers == 1 ? 1 : SampleEvery))];

    public SliceCount Run(TimeSpan slice)
    {
        Array.ForEach(_callers, static caller => caller.Start());
        long begun = Stopwatch.GetTimestamp();
        Task[] loops = [.. _callers.Select(caller => loop(caller))];
        Thread.Sleep(slice);
        Array.ForEach(_callers, static caller => caller.Stop());
        Task.WaitAll(loops);
        return new SliceCount(_callers.Sum(static caller => caller.Done), Stopwatch.GetElapsedTime(begun));
    }

    public void ForgetSamples() => Array.ForEach(_callers, static caller => caller.ForgetSamples());

    public double[] SortedMicros() => Samples.SortedMicros(_callers.SelectMany(static caller => caller.Latencies));
}
