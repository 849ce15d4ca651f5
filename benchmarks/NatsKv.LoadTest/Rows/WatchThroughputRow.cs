using System.Diagnostics;
using NatsKv.LoadTest.Floor;
using NatsKv.LoadTest.Measuring;
using NatsKv.LoadTest.Reporting;

namespace NatsKv.LoadTest.Rows;

/// <summary>How many changes a second come through a live watch while another connection writes as fast as the server takes it.</summary>
internal sealed class WatchThroughputRow : IRow
{
    private const int Writers = 256;

    // A bucket keeps one revision of a key: what is overwritten before a reader that lags behind has got it, the server skips. So there are as
    // many keys as a slice writes at most, and each slice writes each of them once.
    private const int Keys = 20_000;

    public string Name => "watch-throughput";

    public int Callers => 1;

    public int ValueBytes => 64;

    public bool IsQuick => false;

    public RowResult Measure(RowContext context)
    {
        var ours = FilledBucket.Create(context, "bench-watch-ours", Keys, ValueBytes);
        var floors = FilledBucket.Create(context, "bench-watch-floor", Keys, ValueBytes);
        using SlidingFloor writer = Writer(context, ours);
        using SlidingFloor floorWriter = Writer(context, floors);
        using var handler = new CountingHandler();
        using INatsKvWatch watch = ours.Bucket.StartWatch(handler, new NatsKvWatchOptions { UpdatesOnly = true });
        handler.WaitForInitialData();
        using var link = new RawLink(context.Url);
        using var consumer = new RawConsumer(link, floors.Bucket.Name, withInitialData: false);
        consumer.ReadUntilCreated();

        // A number, not a time: only so does either reader know when it has seen everything.
        double perSecond = WarmUp(context.Plan, () => Flood(writer, handler, Keys), () => Flood(floorWriter, consumer, Keys));
        long messages = Math.Clamp((long)(perSecond * context.Plan.Slice.TotalSeconds), 1, Keys);
        SliceComparison comparison = SliceComparison.Run(
            context.Plan.Pairs, context.Progress, () => Flood(writer, handler, messages), () => Flood(floorWriter, consumer, messages));
        ours.Delete(context);
        floors.Delete(context);
        return RowResults.From(this, comparison, []);
    }

    private static SlidingFloor Writer(RowContext context, FilledBucket bucket)
    {
        var link = new RawLink(context.Url);
        return new SlidingFloor(link, RequestFrames.Create(link.Inbox, bucket.PutSubjects, default, bucket.Value), Writers, ReplyRule.Acknowledgement);
    }

    private static double WarmUp(SlicePlan plan, Func<SliceCount> ours, Func<SliceCount> floor)
    {
        long begun = Stopwatch.GetTimestamp();
        double perSecond;
        do
        {
            perSecond = ours().PerSecond;
            floor();
        }
        while (Stopwatch.GetElapsedTime(begun) < plan.WarmUp);

        return perSecond;
    }

    private static SliceCount Flood(SlidingFloor writer, CountingHandler handler, long messages)
    {
        long before = handler.Entries;
        long begun = Stopwatch.GetTimestamp();
        writer.Run(messages);
        handler.WaitForEntries(before + messages);
        return new SliceCount(messages, Stopwatch.GetElapsedTime(begun));
    }

    private static SliceCount Flood(SlidingFloor writer, RawConsumer consumer, long messages)
    {
        long begun = Stopwatch.GetTimestamp();
        Task<SliceCount> writing = OwnThread.RunAsync(() => writer.Run(messages));
        consumer.ReadUntil(consumer.Received + messages);
        writing.Wait();
        return new SliceCount(messages, Stopwatch.GetElapsedTime(begun));
    }
}
