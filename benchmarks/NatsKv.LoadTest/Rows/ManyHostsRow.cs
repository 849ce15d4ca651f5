using System.Diagnostics;
using System.Globalization;
using NatsKv.LoadTest.Floor;
using NatsKv.LoadTest.Measuring;
using NatsKv.LoadTest.Reporting;

namespace NatsKv.LoadTest.Rows;

/// <summary>Many configurations, each with a connection of its own: from a put until the last of them has reloaded.</summary>
internal sealed class ManyHostsRow : IRow
{
    private const int Hosts = 200;
    private const int Keys = 100;
    private const int ChangesPerSlice = 3;

    public string Name => "many-hosts";

    public int Callers => Hosts;

    public int ValueBytes => 64;

    public bool IsQuick => false;

    public RowResult Measure(RowContext context)
    {
        FilledBucket ours = FilledBucket.Create(context, "bench-hosts-ours", Keys, ValueBytes);
        FilledBucket floors = FilledBucket.Create(context, "bench-hosts-floor", Keys, ValueBytes);
        var probes = new List<ConfigurationProbe>();
        var consumers = new List<RawConsumer>();
        var links = new List<RawLink>();
        try
        {
            context.Progress.Report("starting hosts");
            for (int i = 0; i < Hosts; i++)
            {
                probes.Add(new ConfigurationProbe(context.Url, ours.Bucket.Name));
                links.Add(new RawLink(context.Url));
                consumers.Add(new RawConsumer(links[i], floors.Bucket.Name, withInitialData: false));
                consumers[i].ReadUntilCreated();
            }

            using var writer = new ProbeWriter(context.Url, ours.Bucket.Name);
            using var floorWriter = new ProbeWriter(context.Url, floors.Bucket.Name);
            Change(writer, probes);
            Change(floorWriter, consumers);
            LatencyComparison comparison = LatencyComparison.Run(
                context.Plan.Pairs, ChangesPerSlice, context.Progress, () => Change(writer, probes), () => Change(floorWriter, consumers));
            return RowResults.From(this, comparison.Summary, comparison.SortedMicros) with { Note = "an operation is a change that all hosts saw" };
        }
        finally
        {
            consumers.ForEach(static consumer => consumer.Dispose());
            links.ForEach(static link => link.Dispose());
            probes.ForEach(static probe => probe.Dispose());
            ours.Delete(context);
            floors.Delete(context);
        }
    }

    private static long Change(ProbeWriter writer, List<ConfigurationProbe> probes)
    {
        string awaited = (writer.Number + 1).ToString(CultureInfo.InvariantCulture);
        using var missing = new CountdownEvent(probes.Count);
        probes.ForEach(probe => probe.Await(awaited, missing));
        long begun = writer.Send();
        if (!missing.Wait(TimeSpan.FromSeconds(30)))
        {
            throw new TimeoutException($"{missing.CurrentCount} hosts did not see a change within 30 s.");
        }

        long seen = Stopwatch.GetTimestamp();
        writer.WaitForAcknowledgement();
        return seen - begun;
    }

    private static long Change(ProbeWriter writer, List<RawConsumer> consumers)
    {
        long begun = writer.Send();
        consumers.ForEach(static consumer => consumer.ReadUntil(consumer.Received + 1));
        long seen = Stopwatch.GetTimestamp();
        writer.WaitForAcknowledgement();
        return seen - begun;
    }
}
