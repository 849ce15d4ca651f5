using System.Diagnostics;
using NatsKv.LoadTest.Reporting;

namespace NatsKv.LoadTest.Rows;

/// <summary>What a watch on many keys costs while nothing changes.</summary>
internal sealed class IdleWatchRow : IRow
{
    private const int Keys = 100_000;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(12);

    public string Name => "idle-watch";

    public int Callers => 1;

    public int ValueBytes => 64;

    public bool IsQuick => false;

    public RowResult Measure(RowContext context)
    {
        FilledBucket bucket = FilledBucket.Create(context, "bench-idle", Keys, ValueBytes);
        Idle without = Observe(context, "without a watch");
        using var handler = new CountingHandler();
        Idle with;
        using (bucket.Bucket.StartWatch(handler))
        {
            handler.WaitForInitialData();
            with = Observe(context, "with a watch");
        }

        bucket.Delete(context);
        return new RowResult
        {
            Name = Name,
            Callers = Callers,
            ValueBytes = ValueBytes,
            OpsPerSecond = 0,
            FloorOpsPerSecond = 0,
            Ratio = null,
            RatioMin = null,
            RatioMax = null,
            P50Micros = 0,
            P99Micros = 0,
            AllocatedBytesPerOp = 0,
            Note = $"in {Period.TotalSeconds:0} s: {with}; without a watch: {without}",
        };
    }

    private static Idle Observe(RowContext context, string what)
    {
        context.Progress.Report($"idle {what}");
        long heap = SettledHeap();
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        TimeSpan cpu = CpuTime();
        Thread.Sleep(Period);
        TimeSpan used = CpuTime() - cpu;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        return new Idle(used, allocated, SettledHeap() - heap);
    }

    private static TimeSpan CpuTime()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }

    private static long SettledHeap()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private sealed record Idle(TimeSpan Cpu, long Allocated, long Growth)
    {
        public override string ToString() => $"{Cpu.TotalMilliseconds:0} ms of CPU, {Allocated:N0} B allocated, heap {Growth:+#,0;-#,0;0} B";
    }
}
