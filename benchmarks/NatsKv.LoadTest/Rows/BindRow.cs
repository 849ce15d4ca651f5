using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using NatsKv.LoadTest.Measuring;
using NatsKv.LoadTest.Reporting;

namespace NatsKv.LoadTest.Rows;

/// <summary>Binds one section out of a large bucket; the floor binds it out of a small one.</summary>
internal sealed class BindRow : IRow
{
    private const int Keys = 100_000;
    private const int FloorKeys = 100;
    private const int BindingsPerSlice = 20;

    public string Name => "bind-one-of-100k";

    public int Callers => 1;

    public int ValueBytes => 64;

    public bool IsQuick => false;

    public RowResult Measure(RowContext context)
    {
        FilledBucket large = FilledBucket.Create(context, "bench-bind-large", Keys, ValueBytes);
        FilledBucket small = FilledBucket.Create(context, "bench-bind-small", FloorKeys, ValueBytes);
        LatencyComparison comparison = Compare(context, large.Bucket, small.Bucket);
        large.Delete(context);
        small.Delete(context);
        return RowResults.From(this, comparison.Summary, comparison.SortedMicros) with { Note = $"the floor binds out of {FloorKeys} keys" };
    }

    private static LatencyComparison Compare(RowContext context, INatsKvBucket large, INatsKvBucket small)
    {
        using var ours = Load(context, large);
        using var floor = Load(context, small);
        return LatencyComparison.Run(context.Plan.Pairs, BindingsPerSlice, context.Progress, () => Bind(ours), () => Bind(floor));
    }

    private static ConfigurationManager Load(RowContext context, INatsKvBucket bucket)
    {
        bucket.PutAsync(ProbeOptions.Key, "1").AsTask().GetAwaiter().GetResult();
        var configuration = new ConfigurationManager();
        ((IConfigurationBuilder)configuration).AddNatsKv(source =>
        {
            source.Bucket = bucket.Name;
            source.ConfigureConnection = options => options.Url = context.Url;
        });
        for (int i = 0; i < 2 * BindingsPerSlice; i++)
        {
            Bind(configuration);
        }

        return configuration;
    }

    private static long Bind(ConfigurationManager configuration)
    {
        long begun = Stopwatch.GetTimestamp();
        ProbeOptions? options = configuration.GetSection(ProbeOptions.Section).Get<ProbeOptions>();
        long elapsed = Stopwatch.GetTimestamp() - begun;
        return options?.Number == 1 ? elapsed : throw new InvalidOperationException("The section was not bound.");
    }
}
