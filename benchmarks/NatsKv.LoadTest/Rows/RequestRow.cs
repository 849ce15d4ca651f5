using NatsKv.LoadTest.Floor;
using NatsKv.LoadTest.Loads;
using NatsKv.LoadTest.Measuring;
using NatsKv.LoadTest.Reporting;

namespace NatsKv.LoadTest.Rows;

/// <summary>A row whose callers send requests and wait for the replies.</summary>
internal abstract class RequestRow(string name, int callers, int valueBytes, bool isQuick) : IRow
{
    protected const int KeyCount = 1000;

    public string Name => name;

    public int Callers => callers;

    public int ValueBytes => valueBytes;

    public bool IsQuick => isQuick;

    /// <summary>How much longer than planned the slices are, for rows in which single operations take long.</summary>
    protected virtual int SliceFactor => 1;

    public RowResult Measure(RowContext context)
    {
        RequestLoad request = Prepare(context);
        using IFloor floor = request.Floor;
        var load = new CallersLoad(callers, request.Keys, request.Loop);
        TimeSpan slice = context.Plan.Slice * SliceFactor;
        context.Progress.Report("warming up");
        load.Run(context.Plan.WarmUp);
        floor.Run(context.Plan.WarmUp / 2);
        load.ForgetSamples();
        SliceComparison comparison = SliceComparison.Run(context.Plan.Pairs, context.Progress, () => load.Run(slice), () => floor.Run(slice));
        double[] micros = load.SortedMicros();
        CleanUp(context);
        return RowResults.From(this, comparison, micros);
    }

    protected abstract RequestLoad Prepare(RowContext context);

    protected virtual void CleanUp(RowContext context)
    {
        // Small buckets stay for the next row.
    }

    /// <summary>The bucket of this row's value size.</summary>
    protected FilledBucket FillBucket(RowContext context) => FilledBucket.Create(context, $"bench-{valueBytes}", KeyCount, valueBytes);

    /// <summary>The floor for direct gets of the bucket's keys.</summary>
    protected SlidingFloor Gets(RowContext context, FilledBucket bucket)
    {
        var link = new RawLink(context.Url);
        return new SlidingFloor(link, RequestFrames.Create(link.Inbox, bucket.GetSubjects, default, default), callers, ReplyRule.Value(valueBytes));
    }

    /// <summary>The floor for puts of the bucket's keys.</summary>
    protected SlidingFloor Puts(RowContext context, FilledBucket bucket)
    {
        var link = new RawLink(context.Url);
        return new SlidingFloor(
            link, RequestFrames.Create(link.Inbox, bucket.PutSubjects, default, bucket.Value), callers, ReplyRule.Acknowledgement);
    }
}
