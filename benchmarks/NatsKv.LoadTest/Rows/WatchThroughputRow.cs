using System.Diagnostics;
using NatsKv.LoadTest.Floor;
using NatsKv.LoadTest.Measuring;
using NatsKv.LoadTest.Reporting;

namespace NatsKv.LoadTest.Rows;

/// <summary>How many changes a second come through a live watch while another connection writes as fast as the server takes it.</summary>
internal sealed class WatchThroughputRow : IRow
{
    private const int Writers = 256;
    private const int Keys = 1000;

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
        long messages = (long)(writer.Run(context.Plan.WarmUp).PerSecond * context.Plan.Slice.TotalSeconds / 2);
        handler.WaitForEntries((long)ours.Bucket.GetStatusAsync().AsTask().GetAwaiter().GetResult().LastRevision - Keys);
        Flood(writer, handler, messages);
        Flood(floorWriter, consumer, messages);
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
