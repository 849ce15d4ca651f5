using System.Diagnostics;
using NatsKv.LoadTest.Floor;
using NatsKv.LoadTest.Measuring;
using NatsKv.LoadTest.Reporting;

namespace NatsKv.LoadTest.Rows;

/// <summary>A row that reads a whole bucket again and again; an operation is a key.</summary>
internal abstract class HydrationRow(string name, int keys, bool isQuick) : IRow
{
    public int Keys => keys;

    public string Name => name;

    public int Callers => 1;

    public int ValueBytes => 64;

    public bool IsQuick => isQuick;

    public virtual RowResult Measure(RowContext context)
    {
        FilledBucket bucket = FilledBucket.Create(context, Name, keys, ValueBytes);
        using var link = new RawLink(context.Url);
        var latencies = new List<double>();
        context.Progress.Report("warming up");
        Watch(context, bucket.Bucket);
        Consume(link, bucket.Bucket.Name);
        SliceComparison comparison = SliceComparison.Run(
            context.Plan.Pairs,
            context.Progress,
            () =>
            {
                SliceCount count = Watch(context, bucket.Bucket);
                latencies.Add(count.Elapsed.TotalMicroseconds);
                return count;
            },
            () => Consume(link, bucket.Bucket.Name));
        bucket.Delete(context);
        latencies.Sort();
        return RowResults.From(this, comparison, [.. latencies]) with
        {
            Note = $"{latencies[latencies.Count / 2] / 1000:0} ms, floor {keys / comparison.FloorPerSecond * 1000:0} ms",
        };
    }

    /// <summary>Reads the bucket.</summary>
    /// <returns>How many keys came.</returns>
    protected abstract long Hydrate(RowContext context, INatsKvBucket bucket);

    private SliceCount Watch(RowContext context, INatsKvBucket bucket)
    {
        long begun = Stopwatch.GetTimestamp();
        long entries = Hydrate(context, bucket);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(begun);
        return entries == keys ? new SliceCount(keys, elapsed) : throw new InvalidOperationException($"{entries} of {keys} keys came.");
    }

    private SliceCount Consume(RawLink link, string bucket)
    {
        long begun = Stopwatch.GetTimestamp();
        using var consumer = new RawConsumer(link, bucket, withInitialData: true);
        consumer.ReadUntil(keys);
        return new SliceCount(keys, Stopwatch.GetElapsedTime(begun));
    }
}
