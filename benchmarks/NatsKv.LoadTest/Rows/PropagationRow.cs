using System.Diagnostics;
using NatsKv.LoadTest.Floor;
using NatsKv.LoadTest.Measuring;
using NatsKv.LoadTest.Reporting;

namespace NatsKv.LoadTest.Rows;

/// <summary>From a put on another connection until a probe has seen the change; the floor is until a raw consumer has the message.</summary>
internal sealed class PropagationRow(string name, int keys, Func<string, string, IChangeProbe> makeProbe, bool isQuick) : IRow
{
    private const int ChangesPerSlice = 25;

    public string Name => name;

    public int Callers => 1;

    public int ValueBytes => 64;

    public bool IsQuick => isQuick;

    public RowResult Measure(RowContext context)
    {
        FilledBucket ours = FilledBucket.Create(context, "bench-probe-ours", keys, ValueBytes);
        FilledBucket floors = FilledBucket.Create(context, "bench-probe-floor", keys, ValueBytes);
        LatencyComparison comparison = Compare(context, ours.Bucket.Name, floors.Bucket.Name);
        ours.Delete(context);
        floors.Delete(context);
        return RowResults.From(this, comparison.Summary, comparison.SortedMicros) with
        {
            Note = $"floor {1_000_000 / comparison.Summary.FloorPerSecond:0} µs; max {comparison.SortedMicros[^1] / 1000:0.0} ms",
        };
    }

    private LatencyComparison Compare(RowContext context, string ourBucket, string floorBucket)
    {
        using var writer = new ProbeWriter(context.Url, ourBucket);
        using IChangeProbe probe = makeProbe(context.Url, ourBucket);
        using var floorWriter = new ProbeWriter(context.Url, floorBucket);
        using var link = new RawLink(context.Url);
        using var consumer = new RawConsumer(link, floorBucket, withInitialData: false);
        consumer.ReadUntilCreated();
        for (int i = 0; i < ChangesPerSlice; i++)
        {
            Change(writer, probe);
            Change(floorWriter, consumer);
        }

        return LatencyComparison.Run(
            context.Plan.Pairs, ChangesPerSlice, context.Progress, () => Change(writer, probe), () => Change(floorWriter, consumer));
    }

    private static long Change(ProbeWriter writer, IChangeProbe probe)
    {
        probe.Await(writer.Number + 1);
        long begun = writer.Send();
        long seen = probe.WaitUntilSeen();
        writer.WaitForAcknowledgement();
        return seen - begun;
    }

    private static long Change(ProbeWriter writer, RawConsumer consumer)
    {
        long begun = writer.Send();
        consumer.ReadUntil(consumer.Received + 1);
        long seen = Stopwatch.GetTimestamp();
        writer.WaitForAcknowledgement();
        return seen - begun;
    }
}
